//! The crate `ctap-hid-fido2`, and nothing else. Only the child runs this.

use ctap_hid_fido2::fidokey::{FidoKeyHid, GetAssertionArgsBuilder, MakeCredentialArgsBuilder};
use ctap_hid_fido2::{FidoKeyHidFactory, HidParam, LibCfg};

use super::child::{Client, marked};
use super::job::{Bytes, Job};
use super::report::{Assertion, Info, Line, Registration};

/// One key, opened by the crate.
pub(super) struct Crate {
    key: FidoKeyHid,
    credential: Vec<u8>,
}

impl Crate {
    pub(super) fn open(job: &Job) -> Result<Self, String> {
        // What the crate prints while the key waits for a touch: a line of the report, so that the parent can prompt.
        let config = LibCfg {
            enable_log: false,
            enable_keep_alive_msg: true,
            keep_alive_msg: marked(job, &Line::Touch {}),
            keep_alive_msg_to_stderr: false,
            ..LibCfg::init()
        };
        let protocol = u8::try_from(job.protocol).map_err(words)?;
        let key = FidoKeyHidFactory::create_by_params(&[HidParam::Path(job.path.clone())], &config);
        let key = key.map_err(words)?.with_pin_protocol_version(protocol);
        Ok(Self { key, credential: Vec::new() })
    }
}

impl Client for Crate {
    fn channel(&mut self) -> Result<[u8; 4], String> {
        self.key.get_cid().map_err(words)
    }

    fn info(&mut self) -> Result<Info, String> {
        let info = self.key.get_info().map_err(words)?;
        Ok(Info { aaguid: Bytes(info.aaguid), options: info.options })
    }

    fn retries(&mut self) -> Result<i64, String> {
        self.key.get_pin_retries().map(i64::from).map_err(words)
    }

    fn register(&mut self, job: &Job, pin: &str) -> Result<Registration, String> {
        // The crate's "challenge" is what it hashes into clientDataHash: our client data.
        let wanted = MakeCredentialArgsBuilder::new(&job.rp_id, &job.register.0).pin(pin).build();
        let made = self.key.make_credential_with_args(&wanted).map_err(words)?;
        self.credential = made.credential_descriptor.id;
        Ok(Registration {
            fmt: made.fmt,
            auth_data: Bytes(made.auth_data),
            alg: made.attstmt_alg.into(),
            sig: Bytes(made.attstmt_sig),
            x5c: made.attstmt_x5c.into_iter().map(Bytes).collect(),
        })
    }

    fn assert(&mut self, job: &Job, pin: &str) -> Result<Assertion, String> {
        let wanted = GetAssertionArgsBuilder::new(&job.rp_id, &job.assert.0)
            .credential_id(&self.credential)
            .pin(pin)
            .build();
        let signed = self.key.get_assertion_with_args(&wanted).map_err(words)?;
        let first = signed.into_iter().next().ok_or("there is no assertion")?;
        Ok(Assertion {
            credential_id: Bytes(first.credential_id),
            auth_data: Bytes(first.auth_data),
            signature: Bytes(first.signature),
        })
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
