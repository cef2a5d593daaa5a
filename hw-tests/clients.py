"""PyPI's fido2 on the key at a path: info | set-pin | exercise. The PIN is one line of standard input."""

import sys

from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2 import ClientPin, Ctap2
from fido2.hid import CtapHidDevice
from fido2.server import Fido2Server

verb, path = sys.argv[1:]
pin = sys.stdin.readline().strip()
device = next(d for d in CtapHidDevice.list_devices() if d.descriptor.path == path)


class Typed(UserInteraction):
    def prompt_up(self):
        pass

    def request_pin(self, permissions, rp_id):
        return pin

    def request_uv(self, permissions, rp_id):
        return True


if verb == "info":
    ctap = Ctap2(device)
    print(ctap.info.aaguid, ctap.info.options)
    left = ClientPin(ctap).get_pin_retries()[0]
    print(left)
    assert left == 8
elif verb == "set-pin":
    ClientPin(Ctap2(device)).set_pin(pin)
else:
    collector = DefaultClientDataCollector("https://rp.example")
    client = Fido2Client(device, client_data_collector=collector, user_interaction=Typed())
    server = Fido2Server({"id": "rp.example", "name": "rp.example"}, attestation="direct")
    user = {"id": b"user", "name": "user"}
    options, state = server.register_begin(user, user_verification="required")
    made = server.register_complete(state, client.make_credential(options["publicKey"]))
    assert made.is_user_verified() and made.credential_data is not None
    known = [made.credential_data]
    options, state = server.authenticate_begin(known, user_verification="required")
    answer = client.get_assertion(options["publicKey"]).get_response(0)
    server.authenticate_complete(state, known, answer)
