#![expect(clippy::disallowed_methods, reason = "vendors' certificates are files")]

use base64::{Engine, prelude::BASE64_STANDARD};

use super::*;

/// Vendors' own certificates, where the research lies beside the repository: all that sign themselves or each other
/// do so in an algorithm that is checked here, but for those in RSA with SHA-512.
#[test]
fn vendors_certificates_sign_each_other() {
    let roots = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/aaguids/roots");
    let Ok(entries) = std::fs::read_dir(roots) else {
        eprintln!("skipped: vendors' certificates are not beside this repository");
        return;
    };
    let mut certificates = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "pem") || name.starts_with("google") {
            continue;
        }
        let pem = std::fs::read_to_string(&path).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        match Certificate::parse(&BASE64_STANDARD.decode(body).unwrap()) {
            Ok(certificate) => certificates.push((name, certificate)),
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
    let mut checked = 0;
    for (name, certificate) in &certificates {
        let issuers = certificates.iter().filter(|(_, issuer)| {
            issuer.inner.tbs_certificate().subject() == certificate.inner.tbs_certificate().issuer()
        });
        let answers: Vec<_> = issuers.map(|(_, issuer)| certificate.signed_by(issuer)).collect();
        if answers.contains(&Signed::Yes) {
            checked += 1;
        } else {
            eprintln!("{name}: {answers:?}");
            // Infineon's names itself as its issuer and is not signed by itself; OpenSSL says so, too.
            let odd = name.starts_with("infineon--infineon-fido-ca--") && answers == [Signed::No];
            let sha512 = answers.iter().all(|answer| matches!(answer, Signed::Unsupported(_)));
            assert!(answers.is_empty() || odd || sha512, "{name}: {answers:?}");
        }
    }
    assert!(checked > 100, "{checked}");
}
