#!/usr/bin/env python3
"""Verifies a whole ledger without glasskey: Python's standard library, and openssl for the signatures.

    docs/verify-ledger.py LEDGER [HEAD]

Written from docs/ledger.md alone. Ends with 0 if all is good, with 1 if something is not (the first fault is told), with 2 if
it cannot tell. One signature costs some milliseconds. For a single event, step by step: docs/verify-receipt.sh.
"""
import base64, hashlib, json, os, re, sqlite3, subprocess, sys, tempfile, unicodedata, urllib.parse

FORMAT, APPLICATION_ID, MAX_BODY, MAX_SAFE = 1, 0x474B4559, 1 << 20, 2**53 - 1
SCHEMA = [  # docs/ledger.md, "The file"
    ("table", "events", """CREATE TABLE events (
  seq INTEGER PRIMARY KEY NOT NULL CHECK (seq > 0),
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  seal BLOB NOT NULL CHECK (length(seal) = 32),
  receipt TEXT,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT"""),
    ("trigger", "events_are_never_changed", """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"""),
    ("trigger", "events_are_never_removed", """CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END"""),
    ("trigger", "events_follow_one_another", """CREATE TRIGGER events_follow_one_another BEFORE INSERT ON events
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'events follow one another'); END"""),
]
KINDS = {  # docs/ledger.md, "The body": members that must be there, and members that may be
    "ledger-created": ("", "organisation"),
    "intent": ("step", "label account details"),
    "outcome": ("intent result", "why"),
    "enrolled": ("label account aaguid soft custody registration facts findings",
                 "site custodian witness model vendor firmware override_reason"),
    "checked": ("label verdict findings facts", "counter changes drill"),
    "pin-changed": ("label", ""),
    "moved": ("label", "site custodian bag drill"),
    "relabelled": ("label new_label", ""),
    "retired": ("label why", ""),
    "lost": ("label why", ""),
    "found": ("label why", ""),
    "reset": ("label", ""),
    "credential-deleted": ("label rp_id credential_id", ""),
    "onboarded": ("aaguid soft verdict findings facts erased", "model vendor firmware registration"),
    "entra-registered": ("label account rp_id credential_id user_handle_sha256 aaguid registration", ""),
    "entra-forgotten": ("label credential_id why", ""),
    "drill-begun": ("accounts questions interval_days alert_limit_minutes", "by present"),
    "not-checked": ("drill label because why", "by"),
    "drill-answered": ("drill question answer", "account label told note by"),
    "drill-ended": ("drill verdict accounts actions", "why"),
    "action-closed": ("drill action how", "by"),
    "evidence-attached": ("account log file sha256 entries", "drill first last partial sign_ins changes left_out"),
    "account-used": ("account from until why", "by"),
}
PARTS = {  # the same of objects, and of the objects in lists, within an event
    "custody": ("rp_id credential_id public_key counter", ""),
    "registration": ("attestation_object client_data", ""),
    "checked.changes": ("what", "before after"),
    "drill-begun.accounts": ("name custodians keys", ""),
    "keys": ("label", "site bag"),
    "questions": ("id text about required may_not_apply timed before", "owner"),
    "sign_ins": ("at error_code", "id methods application address"),
    "evidence-attached.changes": ("at activity success of_account", "id"),
    "drill-ended.accounts": ("account verdict next_due", "alert_delay_seconds"),
    "actions": ("id what", "owner about"),
}
ANYTHING = {"details", "facts", "findings"}
NUMBERS = set("intent drill action counter firmware entries left_out interval_days alert_limit_minutes".split())
NUMBERS |= {"alert_delay_seconds", "error_code"}
YES_OR_NO = set("soft erased partial required may_not_apply timed success of_account questions.before".split())
LISTS_OF_TEXTS = {"present", "custodians", "methods"}
WORDS = {
    "outcome.result": "done failed abandoned",
    "checked.verdict": "fit fit-with-warnings not-fit",
    "onboarded.verdict": "fit fit-with-warnings not-fit",
    "not-checked.because": "missing pin-blocked misbehaved left-out",
    "drill-answered.answer": "yes no not-applicable",
    "questions.about": "drill account key",
    "evidence-attached.log": "sign-ins audit",
    "drill-ended.verdict": "passed failed incomplete abandoned",
    "accounts.verdict": "passed failed incomplete abandoned",
}


class Bad(Exception):
    """A fault of the ledger."""


class CannotTell(Exception):
    """Something that this script does not know."""


def need(good, why):
    if not good:
        raise Bad(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    need(isinstance(text, str) and re.fullmatch("[A-Za-z0-9_-]*", text), "bytes are not base64url")
    plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    need(base64url(plain) == text, "bytes are not in their one form")
    return plain


def base64url(plain):
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def canonical(value):
    """RFC 8785, for what glasskey writes: no fractions."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) or (type(value) is int and abs(value) > MAX_SAFE):
        raise CannotTell("a number that glasskey does not write")
    return json.dumps(value, ensure_ascii=False)


def parsed(text, what):
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Bad(f"{what} is no JSON: {error}") from error
    need(canonical(value) == text, f"{what} is not in canonical form")
    need(isinstance(value, dict), f"{what} is no object")
    return value


def members(value, must, may, what):
    """Those that are there, of an object; what may be missing may be null."""
    must, may = set(must.split()), set(may.split())
    need(isinstance(value, dict) and must <= set(value) <= must | may, f"{what} has other members")
    return [(name, held) for name, held in value.items() if name in must or held is not None]


def typed(name, value, within):
    """Whether a member is of its type; `within` is the kind of the event, or the list that holds the object."""
    of = f"{within}.{name}"
    part = PARTS.get(of) or PARTS.get(name)
    if part and (isinstance(value, list) or name in ("custody", "registration")):
        for item in value if isinstance(value, list) else [value]:
            for inner, held in members(item, *part, name):
                typed(inner, held, name)
    elif name in NUMBERS:
        big = isinstance(value, str) and re.fullmatch("-?[0-9]+", value) and abs(int(value)) > MAX_SAFE
        need(type(value) is int or big, f"{name} is no number")
    elif name in YES_OR_NO or of in YES_OR_NO:
        need(isinstance(value, bool), f"{name} is neither true nor false")
    elif name in LISTS_OF_TEXTS:
        need(isinstance(value, list) and all(isinstance(one, str) for one in value), f"{name} is no list of texts")
    elif of in WORDS:
        need(value in WORDS[of].split(), f"{name} is another word")
    elif name not in ANYTHING:
        need(isinstance(value, str), f"{name} is no text")


def cbor(data, at=0):
    """One item of definite length, and where it ends."""
    try:
        major, short = data[at] >> 5, data[at] & 31
        at += 1
        if short > 27:
            raise CannotTell("CBOR of another form")
        wide = 0 if short < 24 else 1 << (short - 24)
        number = int.from_bytes(data[at:at + wide], "big") if wide else short
        at += wide
        if major in (0, 1):
            return (number if major == 0 else -1 - number), at
        if major in (2, 3):
            part = data[at:at + number]
            need(len(part) == number, "CBOR is cut off")
            return (part if major == 2 else part.decode()), at + number
        if major == 4:
            items = []
            for _ in range(number):
                item, at = cbor(data, at)
                items.append(item)
            return items, at
        if major == 5:
            items = {}
            for _ in range(number):
                name, at = cbor(data, at)
                items[name], at = cbor(data, at)
            return items, at
        return number, at
    except (IndexError, UnicodeDecodeError, TypeError) as error:
        raise Bad(f"CBOR is malformed: {error}") from error


def pem(cose):
    """The COSE_Key of ES256 as a public key that openssl reads."""
    key, end = cbor(cose)
    need(end == len(cose) and isinstance(key, dict), "the public key is no COSE_Key")
    need((key.get(1), key.get(3), key.get(-1)) == (2, -7, 1), "the public key is not for ES256 on P-256")
    x, y = key.get(-2), key.get(-3)
    need(isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == 32, "a coordinate is missing")
    der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + x + y
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"


def registered(enrolled):
    """The custody credential is the one in the attestation object."""
    attestation, _ = cbor(unbase64(enrolled["registration"]["attestation_object"]))
    data = attestation.get("authData") if isinstance(attestation, dict) else None
    need(isinstance(data, bytes) and len(data) > 55 and data[32] & 0x40, "no credential was registered")
    length = int.from_bytes(data[53:55], "big")
    _, end = cbor(data, 55 + length)
    found = (data[37:53].hex(), data[55:55 + length], data[55 + length:end])
    custody = enrolled["custody"]
    wanted = (enrolled["aaguid"].replace("-", ""), unbase64(custody["credential_id"]), unbase64(custody["public_key"]))
    need(found == wanted, "the custody credential is not the one that was registered")


def folded(label):
    return unicodedata.normalize("NFKC", label).lower()


def good_label(label):
    return (
        1 <= len(label) <= 64 and label == label.strip() and not re.fullmatch("[0-9]+", label)
        and not any(unicodedata.category(c) == "Cc" or c in "/\\" for c in label)
        and not label.startswith("-") and not label.lower().startswith("soft:")
    )


class Keys:
    """Which key has which label: docs/ledger.md, "Labels"."""

    def __init__(self):
        self.keys, self.labels = [], {}

    def now(self, label):
        place = self.labels.get(folded(label))
        return self.keys[place] if place is not None and folded(self.keys[place]["label"]) == folded(label) else None

    def take(self, seq, event):
        """Enrols and relabels, unless that would be odd: then it has no effect."""
        if seq == 1:
            return
        if event["kind"] == "enrolled":
            known = [key["custody"]["credential_id"] for key in self.keys]
            odd = (
                not good_label(event["label"]) or folded(event["label"]) in self.labels
                or (self.keys and self.keys[0]["soft"] != event["soft"])
                or event["custody"]["credential_id"] in known
            )
            if not odd:
                self.labels[folded(event["label"])] = len(self.keys)
                self.keys.append(dict(event))
        if event["kind"] == "relabelled":
            key, new = self.now(event["label"]), event["new_label"]
            owner = self.labels.get(folded(new))
            if key is not None and good_label(new) and (owner is None or self.keys[owner] is key):
                self.labels[folded(new)] = self.keys.index(key)
                key["label"] = new


def body_of(text):
    need(len(text.encode()) <= MAX_BODY, "the body is longer than 1 MiB")
    body = parsed(text, "the body")
    if type(body.get("v")) is int and body["v"] > FORMAT:
        raise CannotTell(f"an event of format {body['v']}")
    members(body, "v at nonce program event", "", "the body")
    need(body["v"] == FORMAT, "the body is of no known format")
    need(re.fullmatch("[0-9a-f]{64}", str(body["nonce"])), "the nonce is not 32 bytes in hex")
    event = body["event"]
    need(isinstance(event, dict) and event.get("kind") in KINDS, "the event is of no known kind")
    must, may = KINDS[event["kind"]]
    for name, value in members(event, "kind " + must, may, "the event"):
        typed(name, value, event["kind"])
    return body


def check_receipt(text, seal, custody):
    receipt = parsed(text, "the receipt")
    members(receipt, "auth_data client_data credential_id signature", "", "the receipt")
    data, client, signature = (unbase64(receipt[name]) for name in ("auth_data", "client_data", "signature"))
    rp = custody["rp_id"]
    need(receipt["credential_id"] == custody["credential_id"], "another credential signed")
    wanted = f'{{"type":"webauthn.get","challenge":"{base64url(seal)}","origin":"https://{rp}","crossOrigin":false}}'
    need(client == wanted.encode(), "the client data is not that of this seal and this relying party")
    need(len(data) == 37, "the authenticator data is not 37 bytes")
    need(data[:32] == sha256(rp.encode()), "it was signed for another relying party")
    need(data[32] == 0x05, "the flags are not those of a touch and a PIN")
    with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as signed:
        key.write(pem(unbase64(custody["public_key"])).encode())
        signed.write(signature)
        key.flush(), signed.flush()
        said = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", key.name, "-signature", signed.name],
            input=data + sha256(client), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
    need(said.returncode == 0 and b"Verified OK" in said.stdout, "the signature is not this key's")


def check_event(row, prev, keys):
    seq, at, kind, text, row_prev, seal, receipt, _ = row
    need(row_prev == prev, "it is not chained to the event before")
    need(seal == sha256(b"glasskey/event/1", prev, text.encode()), "its seal is not that of its body")
    need(row[7] == sha256(seal, (receipt or "").encode()), "its hash is not that of its seal and its receipt")
    body = body_of(text)
    event = body["event"]
    need((at, kind) == (body["at"], event["kind"]), "a column is not what its body says")
    label = None if kind in ("ledger-created", "outcome") else event.get("label")
    if kind == "enrolled":
        registered(event)
        need(receipt is not None, "it enrolls a key, and the key has not signed it")
    signer = event if kind == "enrolled" else label and keys.now(label)
    if receipt is not None:
        need(signer, "it has a receipt, but no enrolled key could have signed it")
        check_receipt(receipt, seal, signer["custody"])
    keys.take(seq, event)


def check(path, told):
    name = "file:" + urllib.parse.quote(path) + "?mode=ro"
    file = sqlite3.connect(name, uri=True)
    if file.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise Bad("the file is no ledger")
    if file.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
        raise CannotTell("the ledger is of another format")
    schema = file.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
    need(schema == SCHEMA, "the table or the triggers that guard it were changed")
    head, seq, receipts, found, keys = bytes(32), 0, 0, told is None, Keys()
    columns = "seq, at, kind, body, prev, seal, receipt, hash"
    for row in file.execute(f"SELECT {columns} FROM events ORDER BY seq"):
        seq += 1
        try:
            need(row[0] == seq, f"the next event is numbered {row[0]}")
            check_event(row, head, keys)
        except Bad as error:
            raise Bad(f"event {seq}: {error}") from error
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise Bad(f"event {seq}: a member is of another type: {error}") from error
        head, receipts = row[7], receipts + (row[6] is not None)
        found = found or told == head
    need(seq > 0, "there is no event")
    need(found, "no event has the head that was told")
    print(f"GOOD: {seq} events, {receipts} receipts, head {head.hex()}")


def main():
    if len(sys.argv) not in (2, 3) or not os.path.isfile(sys.argv[1]):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    try:
        told = bytes.fromhex(sys.argv[2]) if len(sys.argv) == 3 else None
        check(sys.argv[1], told)
    except (Bad, sqlite3.DatabaseError) as error:
        print(f"NOT GOOD: {ascii(str(error))[1:-1]}", file=sys.stderr)
        sys.exit(1)
    except (CannotTell, OSError, ValueError) as error:
        print(f"CANNOT TELL: {ascii(str(error))[1:-1]}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
