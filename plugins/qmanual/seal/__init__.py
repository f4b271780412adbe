"""Electronic seals on PDFs (PAdES, ETSI EN 319 142-1): made with a key file or a token, and examined.

Only this room knows pyHanko and PKCS#11. Sealing adds to the end of a file and leaves every byte before it as it was
printed, so the print is the same on every machine, and the seal, which is not, comes last. A network is used for one
thing only: the time stamp authority that the settings name, asked through the function that the caller passes in.
"""

from qmanual.seal.values import Appearance, Examined, Standing, Trouble

__all__ = ["Appearance", "Examined", "Standing", "Trouble"]
