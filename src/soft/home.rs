//! Where soft keys live: a folder with the test CA, and in it one folder for each key.
//!
//! ```text
//! DIR/ca.pem  DIR/ca-key.pem          the test CA
//! DIR/lock                            held while the CA is made or read
//! DIR/NAME/key.toml                   what it was made with
//! DIR/NAME/attestation.der, .pem      its attestation certificate and private key
//! DIR/NAME/flash.img                  its flash, a littlefs file system
//! DIR/NAME/lock                       held while its wire is open
//! ```
#![expect(clippy::disallowed_methods, reason = "this is where soft keys are read and written")]

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use uuid::Uuid;

use super::device::SoftDevice;
use super::fault::{FaultBook, Mode};
use super::firmware::Parts;
use super::flash::Flash;
use super::mint::{AaguidExtension, Authority, Mint, fresh_key};
use super::{FaultSpec, Options, SoftError, SoftWire};
use crate::ctap::frame::Report;
use crate::key::wire::Wire;

const CA: &str = "ca.pem";
const CA_KEY: &str = "ca-key.pem";
const SETTINGS: &str = "key.toml";
const CERTIFICATE: &str = "attestation.der";
const KEY: &str = "attestation.pem";
const FLASH: &str = "flash.img";
const LOCK: &str = "lock";
const CA_NAME: &str = "glasskey soft CA";

/// A soft key that can be plugged in.
#[derive(Debug, Clone)]
pub struct SoftKey {
    folder: PathBuf,
    name: String,
    options: Options,
}

impl SoftKey {
    /// Its name in its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What stands where a real key has its device path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("soft:{}", self.name)
    }

    /// The product string.
    #[must_use]
    pub fn product(&self) -> String {
        self.options.product.clone().unwrap_or_else(|| format!("Soft key {}", self.name))
    }

    /// The model that its certificate names.
    #[must_use]
    pub fn aaguid(&self) -> Uuid {
        self.options.aaguid
    }

    /// USB vendor id.
    #[must_use]
    pub fn vendor_id(&self) -> u16 {
        self.options.vendor_id
    }

    /// USB product id.
    #[must_use]
    pub fn product_id(&self) -> u16 {
        self.options.product_id
    }

    /// What it was made with.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Other options for the wires opened from this value; the key's file stays as it is. The AAGUID does, too: it
    /// stands in the certificate.
    #[must_use]
    pub fn with_options(mut self, bend: impl FnOnce(&mut Options)) -> Self {
        bend(&mut self.options);
        self
    }

    /// These faults, for the wires opened from this value; the key's file stays as it is.
    #[must_use]
    pub fn with_faults(self, faults: impl IntoIterator<Item = FaultSpec>) -> Self {
        self.with_options(|options| options.faults = faults.into_iter().collect())
    }

    /// Plugs the key in.
    ///
    /// # Errors
    /// [`SoftError::InUse`] while another wire is open, [`SoftError::File`], [`SoftError::Content`], [`SoftError::Firmware`].
    pub fn plug_in(&self) -> Result<SoftWire, SoftError> {
        let (reports, out) = mpsc::channel();
        Ok(SoftWire::new(self.device(reports)?, out))
    }

    /// Plugs the key in where the caller carries the reports, for instance to `/dev/uhid` and several clients.
    ///
    /// # Errors
    /// As [`SoftKey::plug_in`].
    pub fn device(&self, reports: mpsc::Sender<Report>) -> Result<SoftDevice, SoftError> {
        let lock = self.lock()?;
        let info = self.options.info.compile();
        let info = info.map_err(|what| SoftError::Content { path: self.folder.join(SETTINGS), what })?;
        let path = self.folder.join(FLASH);
        let flash = Flash::open(&path).map_err(at(&path))?;
        let path = self.folder.join(CERTIFICATE);
        let certificate = fs::read(&path).map_err(at(&path))?;
        let key = read_key(&self.folder.join(KEY))?;
        let mut faults = FaultBook::default();
        for spec in &self.options.faults {
            faults.add(*spec, self.forgery(spec.mode, &key, &certificate)?);
        }
        let scalar = key.to_bytes().into();
        let parts =
            Parts { name: self.name.clone(), options: self.options.clone(), flash, certificate, scalar };
        SoftDevice::start(parts, faults, info, reports, lock)
    }

    /// The certificate that a fault shows in place of the true one; the signature stays good under it.
    fn forgery(
        &self,
        mode: Mode,
        key: &SigningKey,
        certificate: &[u8],
    ) -> Result<Option<Vec<u8>>, SoftError> {
        let dir = self.folder.parent().unwrap_or(&self.folder);
        let good = leaf(&self.name, self.options.aaguid)?;
        let other = Uuid::from_u128(!self.options.aaguid.as_u128());
        let (ca, mint) = match mode {
            Mode::BadX5c => return Ok(Some(certificate.iter().rev().copied().collect())),
            Mode::WrongRoot => (Authority::root(&Mint::authority(CA_NAME))?, good),
            Mode::CertAaguidMismatch => {
                (authority(dir)?, Mint { aaguid: AaguidExtension::Plain(other), ..good })
            }
            Mode::CertAaguidMissing => (authority(dir)?, Mint { aaguid: AaguidExtension::Missing, ..good }),
            _ => return Ok(None),
        };
        Ok(Some(ca.issue(&mint, key.verifying_key())?))
    }

    /// As [`SoftKey::plug_in`], when only the [`Wire`] matters.
    ///
    /// # Errors
    /// As [`SoftKey::plug_in`].
    pub fn open(&self) -> Result<Box<dyn Wire>, SoftError> {
        Ok(Box::new(self.plug_in()?))
    }

    fn lock(&self) -> Result<File, SoftError> {
        let path = self.folder.join(LOCK);
        let file = File::create(&path).map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(SoftError::InUse(self.name.clone())),
            Err(TryLockError::Error(source)) => Err(SoftError::File { path, source }),
        }
    }

    fn load(dir: &Path, name: &str) -> Result<Self, SoftError> {
        let folder = dir.join(name);
        let path = folder.join(SETTINGS);
        let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SoftError::Missing(name.to_owned()),
            _ => SoftError::File { path: path.clone(), source },
        })?;
        let options =
            toml::from_str(&text).map_err(|error| SoftError::Content { path, what: error.to_string() })?;
        Ok(Self { folder, name: name.to_owned(), options })
    }
}

/// Makes a key in `dir`, and `dir` itself with its test CA on first use. It has no PIN yet: that is set as on a real
/// key, by a client.
///
/// # Errors
/// [`SoftError::Name`], [`SoftError::Exists`], [`SoftError::File`], [`SoftError::Content`] for a damaged CA.
pub fn create(dir: &Path, name: &str, options: &Options) -> Result<SoftKey, SoftError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || name.starts_with('.') || !name.bytes().all(good) {
        return Err(SoftError::Name(name.to_owned()));
    }
    let ca = authority(dir)?;
    let folder = dir.join(name);
    fs::create_dir(&folder).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => SoftError::Exists(name.to_owned()),
        _ => SoftError::File { path: folder.clone(), source },
    })?;
    let mut options = options.clone();
    options.created.get_or_insert_with(jiff::Timestamp::now);
    let key = fresh_key()?;
    let leaf = ca.issue(&leaf(name, options.aaguid)?, key.verifying_key())?;
    let blank = Flash::blank().map_err(at(&folder.join(FLASH)))?;
    write(&folder.join(FLASH), &blank)?;
    write(&folder.join(CERTIFICATE), &leaf)?;
    write_key(&folder.join(KEY), &key)?;
    let path = folder.join(SETTINGS);
    let text = toml::to_string(&options)
        .map_err(|error| SoftError::Content { path: path.clone(), what: error.to_string() })?;
    // Last: a folder without it is no key.
    write(&path, text.as_bytes())?;
    Ok(SoftKey { folder, name: name.to_owned(), options })
}

/// The keys in `dir`, by name. A folder without `key.toml` is no key.
///
/// # Errors
/// [`SoftError::File`], [`SoftError::Content`].
pub fn list(dir: &Path) -> Result<Vec<SoftKey>, SoftError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        if entry.path().join(SETTINGS).is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort_unstable();
    let keys = names.iter().map(|name| SoftKey::load(dir, name));
    // One may have been taken away since.
    keys.filter(|key| !matches!(key, Err(SoftError::Missing(_)))).collect()
}

/// The test CA's certificate, DER: the anchor for all keys of `dir`, to be marked soft.
///
/// # Errors
/// [`SoftError::File`], [`SoftError::Content`].
pub fn ca_certificate(dir: &Path) -> Result<Vec<u8>, SoftError> {
    let path = dir.join(CA);
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).map_err(|error| SoftError::Content { path, what: error.to_string() })
}

fn leaf(name: &str, aaguid: Uuid) -> Result<Mint, SoftError> {
    let mut serial = vec![0; 16];
    getrandom::fill(&mut serial).map_err(SoftError::Random)?;
    Ok(Mint { serial, ..Mint::leaf(&format!("Soft key {name}"), aaguid) })
}

/// The test CA, made on first use.
fn authority(dir: &Path) -> Result<Authority, SoftError> {
    fs::create_dir_all(dir).map_err(at(dir))?;
    // Two processes that make the first keys of a folder shall not make two CAs.
    let path = dir.join(LOCK);
    let _guard = File::create(&path).and_then(|file| file.lock().map(|()| file)).map_err(at(&path))?;
    let mint = Mint::authority(CA_NAME);
    if dir.join(CA).exists() {
        let key = read_key(&dir.join(CA_KEY))?;
        return Ok(Authority { key, name: mint.subject, certificate: ca_certificate(dir)? });
    }
    let ca = Authority::root(&mint)?;
    write_key(&dir.join(CA_KEY), &ca.key)?;
    let body = STANDARD.encode(&ca.certificate);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    write(&dir.join(CA), pem.as_bytes())?;
    Ok(ca)
}

fn write_key(path: &Path, key: &SigningKey) -> Result<(), SoftError> {
    let pem = key
        .to_pkcs8_pem(LineEnding::LF)
        .map_err(|error| SoftError::Content { path: path.to_owned(), what: error.to_string() })?;
    write(path, pem.as_bytes())
}

fn read_key(path: &Path) -> Result<SigningKey, SoftError> {
    let pem = fs::read_to_string(path).map_err(at(path))?;
    SigningKey::from_pkcs8_pem(&pem)
        .map_err(|error| SoftError::Content { path: path.to_owned(), what: error.to_string() })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), SoftError> {
    fs::write(path, bytes).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> SoftError {
    let path = path.to_owned();
    move |source| SoftError::File { path: path.clone(), source }
}
