"""The keys with which people sign, and the authorities whose time stamps count, as organization.yml lists them."""

from collections.abc import Iterator

from qmanual.checks.rule import Hit, rule
from qmanual.finding import FaultKind, Phrase, Severity
from qmanual.language import N_
from qmanual.model import Organization
from qmanual.signing import Refused


@rule(
    "QM910",
    Severity.ERROR,
    title=N_("Public key cannot be read"),
    message=N_("this is no public key with which somebody can sign: {cause}"),
    help=N_("copy the one line of the person's file that ends with .pub, such as id_ed25519.pub, whole"),
    why=N_(
        "A signature is compared with the key that the company registered. "
        "While the key cannot be read, nothing that the person signs counts."
    ),
    clause="7.5.3",
    bad="""
        manual/organization.yml
        people:
          - name: 李静
            keys: [{key: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29"}]
          - {name: 王强}
          - {name: 陈刚}
    """,
    good="""
        manual/organization.yml
        people:
          - name: 李静
            keys: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29}]
    """,
)
def key_unreadable(organization: Organization) -> Iterator[Hit]:
    for fault in organization.faults:
        if fault.kind is FaultKind.BAD_KEY:
            yield Hit(fault.span, dict(fault.details))


@rule(
    "QM911",
    Severity.ERROR,
    title=N_("One key registered for two people"),
    message=N_("this key is also that of {name}: {key}"),
    help=N_("have each person make a key of his own (docs/keys.md) and list it here"),
    why=N_(
        "A key stands for one person. "
        "When two share it, nobody knows who signed, and one could approve what he prepared himself."
    ),
    clause="7.5.2",
    bad="""
        manual/organization.yml
        people:
          - name: 李静
            keys: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29}]
          - name: 王强
            keys: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29}]
          - {name: 陈刚}
    """,
    good="""
        manual/organization.yml
        people:
          - name: 李静
            keys: [{key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29}]
          - {name: 王强}
    """,
)
def key_shared(organization: Organization) -> Iterator[Hit]:
    owners: dict[bytes, str] = {}
    for person in organization.people:
        for key in person.keys:
            owner = owners.setdefault(key.public.blob, person.name.value)
            if owner != person.name.value:
                yield Hit(key.span, {"name": owner, "key": key.public.fingerprint})


@rule(
    "QM912",
    Severity.ERROR,
    title=N_("Time stamp authority cannot be read"),
    message=N_("this is no certificate of a time stamp authority: {cause}"),
    help=N_("put the authority's certificate here as PEM text, from BEGIN CERTIFICATE to END CERTIFICATE"),
    why=N_(
        "Time stamps are compared with the certificates listed here. "
        "While one cannot be read, no time stamp of that authority proves anything."
    ),
    clause="7.5.3",
    bad="""
        manual/organization.yml
        time_stamp_authorities: [tsa.example.com]
    """,
    good="""
        manual/organization.yml
        time_stamp_authorities: []
    """,
)
def authority_unreadable(organization: Organization) -> Iterator[Hit]:
    if not organization.authorities:
        return
    from qmanual.signing.timestamp import read_certificate  # loads a library that few manuals need

    for text in organization.authorities:
        try:
            read_certificate(text.value)
        except Refused as error:
            yield Hit(text.span, {"cause": Phrase(error.text, **error.details)})


RULES = (key_unreadable, key_shared, authority_unreadable)
