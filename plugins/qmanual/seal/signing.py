"""Seals a PDF: a field that is seen or not, a signature over the whole file that allows no change, and its proofs.

PAdES (ETSI EN 319 142-1). Everything is added behind the last byte of the print (ISO 32000-1, 7.5.6); the metadata stay
as they are, for they tell of the text.
"""

import hashlib
import io
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qmanual import __version__
from qmanual.language import N_
from qmanual.model.seal import Level, Place
from qmanual.seal import stamp
from qmanual.seal.key import Key
from qmanual.seal.room import MM, Box, room
from qmanual.seal.tagging import tag
from qmanual.seal.trust import Trust, context, path_to
from qmanual.seal.values import FIELD, TIME, Appearance
from qmanual.signing import Refused

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko.stamp import StaticStampStyle

SMALLEST = 20
"""The size of the smallest seal, in mm."""

Post = Callable[[bytes], bytes]
"""Takes a request to a time stamp authority, gives its answer."""


def sealed(
    data: bytes, key: Key, level: Level, look: Appearance, trust: Trust, moment: datetime, post: Post
) -> tuple[bytes, bool]:
    """The PDF with a seal, and whether the seal is seen: where no place is free, it is not. Raises `Refused`."""
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    page, box = _place(data, look)
    authority = _authority(post) if level is not Level.BASIC else None
    try:
        writer = _writer(data)
        _add_field(writer, FIELD, page, box, look.words)
        if level is Level.ARCHIVED:  # it must be in the structure, which the seal then closes
            _add_field(writer, TIME, page, None, look.words)
        told = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=key.holder,
            reason=look.reason or None, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES,
            app_build_props=_made_by(look_of(look, level)),
        )  # fmt: skip
        style = _style(look, box) if box else None
        signer = PdfSigner(told, signer=key.signer, timestamper=authority, stamp_style=style)
        done: bytes = signer.sign_pdf(writer, existing_fields_only=True).getvalue()
        if level is Level.ARCHIVED and authority is not None:
            done = _archived(done, key, trust, moment, authority)
    except Refused:
        raise
    except Exception as error:  # of the library, of a token that was pulled out, of an authority that talks nonsense
        reason = f"{type(error).__name__}: {error}"
        raise Refused(N_("The PDF was not sealed: {reason}"), reason=reason) from None
    return done, box is not None


def look_of(look: Appearance, level: Level) -> str:
    """Names all that a seal is made with, except its key and its day: the same name, the same seal."""
    parts = (
        look.place,
        look.shape,
        look.size,
        look.company,
        look.line,
        look.reason,
        level,
        hashlib.sha256(look.picture),
    )
    said = "\0".join(one.hexdigest() if hasattr(one, "hexdigest") else str(one) for one in parts)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _made_by(look: str) -> Any:
    from pyhanko.sign.signers.pdf_byterange import BuildProps

    return BuildProps(name="QManual", revision=f"{__version__} {look}")


# -- the field -----------------------------------------------------------------------------------------------------


def _place(data: bytes, look: Appearance) -> tuple[int, Box | None]:
    """The page, from 0, and the box of the seal: on the page that was asked for, else on the last, else nowhere."""
    import pikepdf

    if look.place is Place.NONE:
        return 0, None
    largest, high = round(look.size), stamp.proportion(look.shape)
    sizes = [(size * MM, size * high * MM) for size in range(largest, min(SMALLEST, largest) - 1, -2)]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        last = len(pdf.pages) - 1
        wanted = ((0, False), (last, True)) if look.place is Place.FIRST else ((last, True),)
        for page, low in wanted:
            if found := room(pdf.pages[page], sizes, low=low):
                return page, found
    return 0, None


def _writer(data: bytes) -> "IncrementalPdfFileWriter":
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):
        """Leaves the metadata alone."""

        def _update_meta(self) -> None:
            return

    return Writer(io.BytesIO(data))


def _add_field(writer: "IncrementalPdfFileWriter", name: str, page: int, box: Box | None, words: str) -> None:
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    where: Any = tuple(round(one, 2) for one in box) if box else None
    append_signature_field(writer, SigFieldSpec(name, on_page=page, box=where, readable_field_name=words))
    fields: Any = writer.root["/AcroForm"]["/Fields"]
    field = next(one for one in fields if one.get_object()["/T"] == name)
    tag(writer, field, writer.find_page_for_modification(page)[0], words)


def _style(look: Appearance, box: Box) -> "StaticStampStyle":
    from pyhanko.pdf_utils.content import RawContent
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    width, height = box[2] - box[0], box[3] - box[1]
    if look.picture:
        from PIL import Image

        content: Any = PdfImage(Image.open(io.BytesIO(look.picture)), writer=None)
    else:
        content = RawContent(stamp.drawn(look, width, height), box=BoxConstraints(width=width, height=height))
    middle = AxisAlignment.ALIGN_MID
    layout = SimpleBoxLayoutRule(x_align=middle, y_align=middle, margins=Margins.uniform(0))
    return StaticStampStyle(border_width=0, background=content, background_layout=layout)


# -- proofs --------------------------------------------------------------------------------------------------------


def _authority(post: Post) -> "TimeStamper":
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Authority(TimeStamper):
        """Asks through the function of the caller, who knows the network."""

        async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
            return tsp.TimeStampResp.load(post(req.dump()))

    return Authority()


def _archived(data: bytes, key: Key, trust: Trust, moment: datetime, authority: "TimeStamper") -> bytes:
    """With all that is needed to verify the seal when certificates and lists are gone, under a time stamp."""
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
    from pyhanko.sign.validation.dss import DocumentSecurityStore
    from pyhanko_certvalidator.errors import PathError, ValidationError

    chains = context(trust, moment, key.others, strict=False)
    try:
        paths = [path_to(key.certificate, context(trust, moment, key.others, strict=True), key.others)]
        writer = _writer(data)
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, certs=[*trust.roots, *trust.links], crls=list(trust.revoked), paths=paths,
            validation_context=chains, embed_roots=True,
        )  # fmt: skip
        stamper = PdfTimeStamper(authority, field_name=TIME)
        before = TimestampDSSContentSettings(
            include_vri=False, update_before_ts=True
        )  # the time stamp covers the file to its end
        return bytes(stamper.timestamp_pdf(writer, "sha256", chains, dss_settings=before).getbuffer())
    except (PathError, ValidationError) as error:
        raise Refused(N_("Level B-LTA needs the whole chain of the seal and of the time stamp authority in seal.trust, "
                         "and current lists of revoked certificates in seal.revoked: {reason}"),
                      reason=str(error)) from None  # fmt: skip
