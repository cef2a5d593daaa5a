#!/usr/bin/env python3
"""Writes the model files, the anchors and the USB table from a folder of collected facts.

    generate.py FACTS OUT

FACTS holds models.csv, usb_ids.csv, roots/ and mds/; OUT is an empty folder. It made the first
edition of this catalogue. The committed TOML files are the truth since then: compare, don't overwrite.
Needs the Python package `cryptography`.
"""
import base64, collections, csv, hashlib, json, pathlib, re, sys, warnings
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

warnings.filterwarnings("ignore")
DATE = "2026-11-21"
MDS = "FIDO MDS3 no. 291"

# Facts about vendors that no table holds.
THREE_BYTE = {"Yubico"}
USB = {
    "Yubico": ["1050"], "Token2": ["349e"], "Feitian": ["096e"], "Hypersecu": ["2ccf"], "Nitrokey": ["20a0"],
    "CanoKeys": ["20a0"], "Google": ["18d1"], "SoloKeys": ["0483", "1209"], "ellipticSecure": ["0483"],
    "CryptoTrust OnlyKey": ["1d50"], "Ledger": ["2c97"], "NEOWAVE": ["1e0d"], "OneSpan": ["1a44"],
    "Excelsecu": ["1ea8"], "Thetis": ["1ea8"], "eWBM/TrustKey": ["311f"], "GoTrust": ["1fc9", "32a3"],
    "Kensington": ["047d", "06cb"], "Infineon": ["058b"], "HID": ["09c3"], "Swissbit": ["1370"],
    "Thales": ["08e6"], "OpenSK (Google open source)": ["1915"],
}
SLUG = {
    "OpenSK (Google open source)": "opensk", "Eviden (Atos)": "eviden", "CryptoTrust OnlyKey": "onlykey",
    "CompoSecure Arculus": "arculus", "FIDO": "fido-keypass",
}
GROUPS = {
    "software": ("software", "Passkey providers in software. Not hardware keys, whatever they attest."),
    "platform": ("platform", "Authenticators built into an operating system or a computer. Not roaming keys."),
    "mobile-app": ("mobile", "Authenticators that are apps on a phone. Not hardware keys."),
    "test": ("special", "AAGUIDs that name no product: test records, and the all-zero value."),
    "anonymous": ("special", ""),
}


def relation(name, role, basis, source, confidence, product=None):
    r = {"name": name, "role": role}
    if product:
        r["product"] = product
    return r | {"basis": basis, "source": source, "confidence": confidence}


def by_anchor(name, subject):
    return relation(name, "oem", f"its attestation leads to {subject}", MDS, "inferred")


VENDOR_RELATED = {
    "Hypersecu": [relation("Feitian", "oem", "HyperFIDO keys appear under Feitian's USB vendor id, 096e:0880",
                           "Yubico/libfido2 udev/fidodevs @8ee8e5a2eb94", "inferred")],
}
OEM_BY_ANCHOR = {
    ("SI0X", "81e9e0ee"): "Giesecke+Devrient", ("KX701", "1d3b0652"): "KeyXentic", ("Kensington", "f267ee75"): "Synaptics",
    ("Kensington", "85b44d7f"): "GoTrust", ("KeyVault", "1e8a4379"): "Crayonic", ("USB/NFC", "9240029a"): "Infineon",
    ("SHALO", "80c71c59"): "AXELL", ("FIDO", "d924bba5"): "MK Group", ("IDmelon", "a5c6dad6"): "Vancosys",
    ("KEY-ID", "0818ded3"): "Dot Origin", ("T-Shield", "1c740517"): "Trustsec", ("VeroCard", "5b960b42"): "VeroGuard",
    ("ATLKey", "092bfbde"): "Atlancube",
}
MODEL_RELATED = {
    "833b721a-ff5f-4d00-bb2e-bdda3ec01e29": [relation(
        "Token2", "brand", "a list of tested keys gives this AAGUID for a Token2 T2F2", "kanidm/webauthn-rs issue 485", "stated", "T2F2")],
}

# Anchors of models that MDS doesn't list, by the start of the certificate's SHA-256.
CERT = "the certificate of a real registration"
EXTRA = {
    "da776f39-f6c8-4a89-b252-1d86137a46ba": (["71d01a81"], "Anchor: the issuer in " + CERT + ". Its leaf has no AAGUID extension."),
    "42383245-4437-3343-3846-423445354132": (["925f79f4", "2b7f7417"], "Anchors: both editions of the root that signed " + CERT + "."),
    "8652abe9-fbd8-4810-a840-d6fc442a8c2c": (["589738d1"], "Anchor: the issuer in " + CERT + "."),
    "2369d4d0-13ce-48cb-9f26-f7ed8c9a6068": (["589738d1"], "Anchor: the issuer in " + CERT + "."),
    "ec99db19-cd1f-4c06-a2a9-940f17a6a30b": (["ad8fd1d1"], "Anchor: from the vendor's firmware repository."),
    "c39efba6-fcf4-4c3e-828b-fc4a6115a0ff": (["6d586c0b", "a9f3e09f"], "Anchors: the leaf in the vendor's metadata statement, and the root that issued it."),
}
SOURCES = {
    "6d586c0b": "Nitrokey/nitrokey-fido2-firmware metadata/Nitrokey-FIDO2-CTAP2-Authenticator.json @2f420c63c292",
}
REFUSED = {  # anchors that MDS lists and this catalogue doesn't trust
    "7dc9f988": "a certificate named TEST",
    "cbb522d7": "GlobalSign Root CA - R3, which issues to everybody",
    "2d865d43": "certificates that break DER (a padded INTEGER)",
    "ce570fc2": "certificates that break DER (a padded INTEGER)",
    "ec1a6a95": "certificates that break DER (a padded INTEGER)",
}
ANCHOR_NOTES = {
    "5b47bd81": "A public trust service's CA: only the AAGUID extension ties a leaf to the model.",
    "aeb6b6d0": "A public trust service's CA: only the AAGUID extension ties a leaf to the model.",
    "64027cf5": "An IoT certificate service's CA: only the AAGUID extension ties a leaf to the model.",
    "4f22ad46": "An IoT certificate service's CA: only the AAGUID extension ties a leaf to the model.",
}

# The collected notes, in this catalogue's words.
NOTES = [
    ("NOT hardware: software / synced", None), ("NOT a roaming hardware key; listed as passkey provider '", "Passkey providers' lists call it {}."),
    ("NOT a roaming hardware key", None), ("listed as passkey provider '", "Passkey providers' lists call it {}."),
    ("5.7 has two AAGUIDs", "Firmware 5.7 has two AAGUIDs for each product; that the second starts at 5.7.4 is inferred from MDS."),
    ("firmware series taken from MDS", "The series is read from the MDS record's version only."),
    ("preview/RC firmware", "Preview firmware."), ("authenticatorVersion 50", "Reports no firmware version in getInfo."),
    ("NOT hardware: passkey in Microsoft", "A device-bound passkey on a phone."), ("not in MDS291; AAGUID read", "The AAGUID was read from a real registration."),
    ("AAGUID bytes are ASCII", "The AAGUID is the text B82ED73C8FB4E5A2: a fault of early firmware."),
    ("Feitian product types per secondary list (blog.workinghardinit.work): ", "A secondary list (blog.workinghardinit.work) gives the products: {}."),
    ("UNCERTAIN: single", "Uncertain: one secondary source, with misprints next to this entry."),
    ("keyProtection=software", "MDS says software key protection: no secure element holds the FIDO keys."),
    ("not in MDS: Entra", "Not in MDS, so Entra refuses it where attestation is enforced."), ("not in MDS; deprecated", "Not in MDS. No longer sold."),
    ("not in MDS", "Not in MDS, so Entra refuses it where attestation is enforced."),
    ("AAGUID from a real attestation", "Read from a real registration of one batch; other batches may have another AAGUID."),
    ("firmwareVersion is the FIDO2 applet", "Its firmware version counts the FIDO2 applet, not the PIN+ release (R1 to R3.4)."),
    ("MDS attachmentHint/transports omit", "The MDS record leaves out NFC, which the name promises."),
    ("getInfo has bio options", "The MDS record has fingerprint options, which the name doesn't."),
    ("NOT hardware: DevTools", "The browser's virtual authenticator; it sends a packed attestation of its own."),
    ("MDS dummy record", "A dummy record in MDS under the Token2 root."), ("development firmware", "The development AAGUID of open firmware."),
    ("never accept", "U2F registrations, and attestations that a browser made anonymous. Never a known model."),
]


def notes(text):
    out = []
    for part in filter(None, re.split(r"; (?=firmware series|5\.7 has|preview|getInfo has|listed as)", text)):
        for start, words in NOTES:
            if part.startswith(start):
                if words:
                    rest = re.sub(r" \(page .*\)", "", part[len(start):]).strip("'")
                    out.append(words.format(rest))
                break
        else:
            sys.exit(f"no words for the note {part!r}")
    return out


def sources(text):
    return [s.replace("MDS291", MDS).replace("all fido-u2f vectors in vectors/", "public fido-u2f registrations") for s in text.split("; ")]


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def q(value):
    if isinstance(value, list):
        return "[" + ", ".join(q(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {q(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def table(head, pairs):
    lines = [head]
    for key, value in pairs:
        if value in (None, "", []) and key != "transports" or value is None:
            continue
        if isinstance(value, list) and (len(q(value)) > 100 or value and isinstance(value[0], dict)):
            lines += [f"{key} = ["] + [f"    {q(v)}," for v in value] + ["]"]
        else:
            lines.append(f"{key} = {q(value)}")
    return "\n".join(lines) + "\n"


def extension(cert, oid):
    try:
        return cert.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None


def anchor_kind(cert):
    """`issuer` for CAs and self-signed certificates, `exact-leaf` for the rest."""
    basic = extension(cert, ExtensionOID.BASIC_CONSTRAINTS)
    return "issuer" if (basic and basic.ca) or cert.subject == cert.issuer else "exact-leaf"


def name_of(name):
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(oid):
            return found[0].value.strip()
    return name.rfc4514_string()


def main(facts, out):
    rows = list(csv.DictReader((facts / "models.csv").open()))
    mds = {e["aaguid"]: e for e in json.loads((facts / "mds/mds3-no291.compact.json").read_text())["entries"] if e.get("aaguid")}
    certs, origin = {}, {}
    for sha, c in json.loads((facts / "roots/all_mds_certs.json").read_text()).items():
        certs[sha], origin[sha] = x509.load_pem_x509_certificate(c["pem"].encode()), MDS
    for r in csv.DictReader((facts / "roots/roots.csv").open()):
        certs.setdefault(r["sha256"], x509.load_pem_x509_certificate((facts / "roots" / r["file"]).read_bytes()))
        origin.setdefault(r["sha256"], r["source"])
    statement = json.loads((facts / "getinfo/nitrokey/vendor-statement-nitrokey-fido2.json").read_text())
    for text in statement["attestationRootCertificates"]:
        der = base64.b64decode(text)
        certs.setdefault(hashlib.sha256(der).hexdigest(), x509.load_der_x509_certificate(der))
    full = {sha[:8]: sha for sha in certs}
    anchor_id = lambda sha: f"{slug(name_of(certs[sha].subject))}-{sha[:8]}"

    used, files = set(), collections.defaultdict(list)
    for r in rows:
        hardware = r["kind"] == "hardware"
        said, related, shas = notes(r["notes"]), list(MODEL_RELATED.get(r["aaguid"], [])), []
        if r["kind"] == "hardware-preview":
            said.append("Preview keys have no anchors here.")
        if hardware and r["aaguid"] in mds:
            for sha in mds[r["aaguid"]]["metadataStatement"]["attestationRootCertificates_sha256"]:
                if why := REFUSED.get(sha[:8]):
                    words = f"MDS lists {why}; not trusted here."
                    said += [] if words in said else [words]
                    continue
                shas.append(sha)
                if maker := OEM_BY_ANCHOR.get((r["vendor"], sha[:8])):
                    related.append(by_anchor(maker, name_of(certs[sha].subject)))
        if r["aaguid"] in EXTRA:
            starts, words = EXTRA[r["aaguid"]]
            shas += [full[s] for s in starts]
            said.append(words)
        used.update(shas)
        status = r["fido_cert_level"]
        group = GROUPS.get(r["kind"])
        transports = None if r["usb"] == "" else [t for t in ("usb", "nfc", "ble") if r[t] == "yes"]
        files[group[0] if group else SLUG.get(r["vendor"], slug(r["vendor"]))].append((r["aaguid"], table("[[model]]", [
            ("aaguid", r["aaguid"]), ("vendor", r["vendor"] if group else None), ("name", r["model"].split(":")[0] if r["kind"] == "anonymous" else r["model"]),
            ("mds_name", r["mds_description"] if r["mds_description"] != r["model"] else None), ("kind", r["kind"]),
            ("firmware_min", r["firmware_min"]), ("firmware_max", r["firmware_max"]), ("certified_firmware", r["version_decoded"] if r["vendor"] in THREE_BYTE else None),
            ("form_factors", [f for f in r["form_factor"].split(" | ") if f]), ("transports", transports),
            ("bio", r["bio"] or None), ("fips", r["fips"] if r["fips"] != "no" else None),
            ("certification", None if status == "not in MDS291" else status), ("mds_status", r["status"]),
            ("mds_status_date", r["status_date"]), ("entra_listed", r["entra_attestation_listed"]),
            ("key_protection", [k for k in r["key_protection"].split("+") if k]), ("anchors", sorted(map(anchor_id, shas))),
            ("related", related), ("notes", said), ("sources", sources(r["source"])),
        ]), r))

    out.mkdir(exist_ok=True)
    for name, models in files.items():
        vendor, kind = models[0][2]["vendor"], models[0][2]["kind"]
        head = f'updated = "{DATE}"\n'
        if group := GROUPS.get(kind):
            words = next(g[1] for g in GROUPS.values() if g[0] == name and g[1])
            head = f"# {words}\n" + head
        else:
            head += "\n" + table("[vendor]", [
                ("name", vendor), ("firmware_scheme", "three-byte" if vendor in THREE_BYTE else "raw"),
                ("usb_vendor_ids", USB.get(vendor, [])), ("related", VENDOR_RELATED.get(vendor, []))])
        (out / f"{name}.toml").write_text(head + "\n" + "\n".join(m[1] for m in sorted(models, key=lambda m: m[0])))

    (out / "anchors").mkdir(exist_ok=True)
    entries = []
    for sha in sorted(used, key=anchor_id):
        cert, ident = certs[sha], anchor_id(sha)
        der = cert.public_bytes(Encoding.DER)
        assert hashlib.sha256(der).hexdigest() == sha
        body = "\n".join(re.findall(".{1,64}", base64.b64encode(der).decode()))
        (out / "anchors" / f"{ident}.pem").write_text(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        same = cert.subject == cert.issuer
        entries.append(table("[[anchor]]", [
            ("id", ident), ("file", f"{ident}.pem"), ("name", name_of(cert.subject)), ("kind", anchor_kind(cert)), ("sha256", sha),
            ("subject", cert.subject.rfc4514_string()), ("issuer", "self" if same else cert.issuer.rfc4514_string()),
            ("not_before", str(cert.not_valid_before_utc.date())), ("not_after", str(cert.not_valid_after_utc.date())),
            ("source", SOURCES.get(sha[:8]) or origin[sha]), ("note", ANCHOR_NOTES.get(sha[:8]))]))
    (out / "anchors.toml").write_text(f'updated = "{DATE}"\n\n' + "\n".join(entries))

    def product(text):
        text = re.sub(r"^Unknown product(?: / )?", "", text)
        return re.sub(r" \(UNCERTAIN.*", " (uncertain)", text).replace(" - libfido2 lists it as 3A NFC", "")

    usb = [table("[[device]]", [("vendor_id", r["vid"]), ("product_id", r["pid"]), ("vendor", r["vendor"]),
                                ("product", product(r["product"])), ("source", r["source"].replace("public NixOS config, a public file", "a public NixOS udev rule"))])
           for r in sorted(csv.DictReader((facts / "usb_ids.csv").open()), key=lambda r: (r["vid"], r["pid"])) if r["role"] == "fido"]
    (out / "usb.toml").write_text(f'updated = "{DATE}"\n\n' + "\n".join(usb))
    print(len(rows), "models in", len(files), "files,", len(entries), "anchors,", len(usb), "USB devices")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
