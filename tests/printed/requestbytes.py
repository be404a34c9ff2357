"""Certificates and requests for them, as API servers accept them: made once, of one key."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_KEY: Final = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_NAME: Final = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "printed")])
_REQUEST: Final = x509.CertificateSigningRequestBuilder().subject_name(_NAME).sign(_KEY, None)
_STUB: Final = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(_KEY, None)
END: Final = datetime(2036, 1, 2, 3, 4, 5, tzinfo=UTC)
"""The end of the certificate's validity."""
_CERTIFICATE: Final = (
    x509.CertificateBuilder()
    .subject_name(_NAME)
    .issuer_name(_NAME)
    .public_key(_KEY.public_key())
    .serial_number(7)
    .not_valid_before(END - timedelta(days=3650))
    .not_valid_after(END)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example.com")]), critical=False)
    .sign(_KEY, None)
)

PROOF: Final = _CERTIFICATE.public_bytes(Encoding.PEM).decode()
"""The certificate as text."""
CERTIFICATE: Final = b64encode(PROOF.encode()).decode()
SIGNING_REQUEST: Final = b64encode(_REQUEST.public_bytes(Encoding.PEM)).decode()
STUB_REQUEST: Final = b64encode(_STUB.public_bytes(Encoding.DER)).decode()
