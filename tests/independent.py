"""Bodies that `glasskey entra register` made, verified as Entra would: by PyPI's fido2 and webauthn, each with its own code.
One bend from each good body must be refused, so that no verifier is believed that takes everything."""

import base64
import copy
import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import AttestationVerifier
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity
from webauthn import verify_registration_response
from webauthn.helpers.structs import AttestationFormat

ORIGIN, RP_ID = "https://login.microsoft.com", "login.microsoft.com"


def decoded(text):
    text = text.replace("+", "-").replace("/", "_").rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Root(AttestationVerifier):
    def __init__(self, pem):
        super().__init__()
        self.der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    def ca_lookup(self, result, auth_data):
        return self.der


def by_fido2(credential, challenge, pem):
    rp = PublicKeyCredentialRpEntity(id=RP_ID, name="Microsoft")
    server = Fido2Server(rp, attestation="direct", verify_attestation=Root(pem))
    state = {"challenge": encoded(challenge), "user_verification": "required"}
    auth_data = server.register_complete(state, credential)
    return auth_data.credential_data.credential_id, str(auth_data.credential_data.aaguid), auth_data.extensions


def by_webauthn(credential, challenge, pem):
    verified = verify_registration_response(
        credential=credential,
        expected_challenge=challenge,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        require_user_verification=True,
        pem_root_certs_bytes_by_fmt={AttestationFormat.PACKED: [pem]},
    )
    assert verified.fmt == AttestationFormat.PACKED and not verified.credential_backed_up
    assert verified.credential_device_type == "single_device"
    return verified.credential_id, verified.aaguid


def refused(verifier, *arguments):
    try:
        verifier(*arguments)
    except Exception:
        return
    raise SystemExit(f"{verifier.__name__} takes what is bent")


for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as text:
        kept = json.load(text)
    options = kept["options"].get("value", kept["options"])["publicKey"]
    challenge, pem = decoded(options["challenge"]), kept["root"].encode()
    # What a browser adds, and Graph does not take.
    credential = copy.deepcopy(kept["body"]["publicKeyCredential"])
    credential |= {"rawId": credential["id"], "type": "public-key"}
    credential.setdefault("clientExtensionResults", {})

    key_id, aaguid, extensions = by_fido2(credential, challenge, pem)
    other_id, other_aaguid = by_webauthn(credential, challenge, pem)
    assert key_id == other_id == decoded(credential["id"]), file
    assert aaguid == other_aaguid, file
    asked = options.get("extensions", {})
    if asked.get("hmacCreateSecret"):
        assert extensions == {"hmac-secret": True, "credProtect": 1}, (file, extensions)

    bent = copy.deepcopy(credential)
    attestation = bytearray(decoded(bent["response"]["attestationObject"]))
    # Within the public key, which stands last but for the extensions.
    attestation[-40] ^= 1
    bent["response"]["attestationObject"] = encoded(bytes(attestation))
    for verifier in (by_fido2, by_webauthn):
        refused(verifier, bent, challenge, pem)
        refused(verifier, credential, challenge[:-1] + b"\0", pem)
    print(f"{file.rsplit('/', 1)[-1]}: {len(challenge)} bytes of challenge, taken by fido2 and webauthn")
