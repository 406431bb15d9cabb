"""Who signs: the operator's certificate, or a chain of our own that says that it is for development."""

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from serve_app.provenance.errors import ProvenanceError

DEVELOPMENT = "Development only"  # organisational unit of every certificate that is made here
ORGANISATION = "Vitrine"
VALID = dt.timedelta(days=3650)  # a development folder is older than a year before anybody looks
EARLIER = dt.timedelta(hours=1)  # clocks of other machines are behind
KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
              "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@dataclass(frozen=True)
class Credential:
    """PEM of the chain, the signer's own certificate first, and of its key; the key is on P-256."""

    chain: bytes
    key: bytes

    @classmethod
    def checked(cls, chain: bytes, key: bytes) -> "Credential":
        """Raises ProvenanceError where the two do not fit, or cannot sign with ES256 today."""
        try:
            first = x509.load_pem_x509_certificates(chain)[0]
            secret = serialization.load_pem_private_key(key, None)
        except (ValueError, TypeError) as error:
            raise ProvenanceError(f"certificate or key is no PEM without password: {str(error)[:120]}") from None
        if not isinstance(secret, ec.EllipticCurvePrivateKey) or secret.curve.key_size != 256:
            raise ProvenanceError("the certificate's key is not on P-256; ES256 is what files are signed with")
        if first.public_key() != secret.public_key():
            raise ProvenanceError(f"the key is not that of the certificate {first.subject.rfc4514_string()!r}")
        if not first.not_valid_before_utc <= dt.datetime.now(dt.UTC) <= first.not_valid_after_utc:
            said = f"{first.not_valid_before_utc:%Y-%m-%d} to {first.not_valid_after_utc:%Y-%m-%d}"
            raise ProvenanceError(f"the certificate is valid from {said}; renew it")
        plain = serialization.PrivateFormat.PKCS8
        pem = secret.private_bytes(serialization.Encoding.PEM, plain, serialization.NoEncryption())
        return cls(chain, pem)

    @property
    def development(self) -> bool:
        """Whether the chain was made by `development_chain`."""
        units = [name.value for each in self._certificates for name in _units(each.subject) + _units(each.issuer)]
        return DEVELOPMENT in units

    @property
    def anchor(self) -> bytes:
        """PEM of the last certificate of the chain, by which files signed with it are known as ours."""
        return self._certificates[-1].public_bytes(serialization.Encoding.PEM)

    @property
    def _certificates(self) -> list[x509.Certificate]:
        return x509.load_pem_x509_certificates(self.chain)


def _units(name: x509.Name) -> list[x509.NameAttribute[str]]:
    return name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)  # type: ignore[return-value]


def development_chain() -> Credential:
    """A root that is forgotten at once and a certificate under it, for a machine without an operator's."""
    root_key, own_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, own_name = _name("Vitrine development root"), _name("Vitrine development signer")
    root = _begun(root_name, root_name, root_key.public_key(), root_key, ("key_cert_sign", "crl_sign"))
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    own = _begun(own_name, root_name, own_key.public_key(), root_key, ("digital_signature",))
    own = own.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    own = own.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    chain = b"".join(
        builder.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) for builder in (own, root)
    )
    pem = own_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Credential(chain, pem)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, DEVELOPMENT),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    usages: tuple[str, ...],
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
        .add_extension(x509.KeyUsage(**{name: name in usages for name in KEY_USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
