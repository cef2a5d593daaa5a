//! The firmware in its own thread: `fido-authenticator` on `trussed`, with randomness from the system.
//!
//! A syscall of the firmware is served inline, by the same thread, so nothing polls.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use ctaphid_app::{App as _, Command};
use fido_authenticator::constants::ATTESTATION_KEY_ID;
use fido_authenticator::{Authenticator, Config};
use littlefs2::path;
use littlefs2::path::Path;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use trussed::backend::{BackendId, Dispatch};
use trussed::pipe::{ServiceEndpoint, TrussedChannel};
use trussed::platform::{self, Platform};
use trussed::service::ServiceResources;
use trussed::store::Store as _;
use trussed::types::{Context, CoreContext};
use trussed::virt::{StorageConfig, Store, StoreConfig};
use trussed::{ClientImplementation, Service};
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply};
use trussed_core::types::Mechanism;
use trussed_staging::StagingContext;
use trussed_staging::virt::{BackendIds, Dispatcher};

use super::SoftError;
use super::device::Event;
use super::flash::Flash;
use super::lie::Lie;
use super::options::Options;
use super::touch::Button;
use crate::ctap::frame::MAX_PAYLOAD;

/// The firmware keeps much on its stack.
const STACK: usize = 16 << 20;
/// Where the firmware looks for the attestation certificate and key.
const CERTIFICATE: &Path = path!("fido/x5c/00");
const KEY: &Path = path!("fido/sec/00");
/// What stands before the scalar in a stored key: sensitive, P-256.
const KEY_HEAD: [u8; 4] = [0, 2, 0, 5];

/// What the firmware needs to start.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) options: Options,
    pub(super) flash: Flash,
    pub(super) certificate: Vec<u8>,
    pub(super) scalar: [u8; 32],
}

/// One CTAP2 request for the firmware: the payload of a CTAPHID_CBOR message.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) request: Vec<u8>,
    /// What is signed in place of the truth.
    pub(super) lie: Option<Lie>,
}

/// The running firmware. It stops when the sender of jobs is dropped.
#[derive(Debug)]
pub(super) struct Firmware {
    pub(super) jobs: Sender<Job>,
    pub(super) button: Arc<Button>,
    pub(super) thread: JoinHandle<()>,
}

impl Firmware {
    /// Starts the firmware, as power does; answers go to `events`.
    pub(super) fn start(parts: Parts, events: Sender<Event>) -> Result<Self, SoftError> {
        let (jobs, queue) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let button = Arc::new(Button::new(&parts.options, events.clone()));
        let name = parts.name.clone();
        let failed = || SoftError::Firmware(name.clone());
        let thread = thread::Builder::new().name(format!("soft key {name}")).stack_size(STACK);
        let for_thread = Arc::clone(&button);
        let thread =
            thread.spawn(move || power(parts, &for_thread, &queue, &ready, &events)).map_err(|_| failed())?;
        is_ready.recv().map_err(|_| failed())?.map_err(|_| failed())?;
        Ok(Self { jobs, button, thread })
    }
}

/// Pulls the plug when the firmware ends, by a panic too: a key with dead firmware must not say "still working".
struct Farewell(Sender<Event>);

impl Drop for Farewell {
    fn drop(&mut self) {
        // When the device has gone first, nobody is left to be told.
        let _ = self.0.send(Event::Stop);
    }
}

type Ready = Result<(), littlefs2::io::Error>;

fn power(
    parts: Parts,
    button: &Button,
    queue: &Receiver<Job>,
    ready: &Sender<Ready>,
    events: &Sender<Event>,
) {
    let _farewell = Farewell(events.clone());
    let Parts { options, flash, certificate, scalar, .. } = parts;
    let mut seed = [0; 32];
    if getrandom::fill(&mut seed).is_err() {
        return;
    }
    let mut storage = StoreConfig {
        internal: StorageConfig { storage: Box::new(flash), format: false },
        external: StorageConfig::ram(),
        volatile: StorageConfig::ram(),
    };
    storage.with_store(|store| {
        let provisioned = provision(store, &certificate, &scalar);
        let stop = provisioned.is_err();
        if ready.send(provisioned).is_err() || stop {
            return;
        }
        let channel = TrussedChannel::new();
        let Some((requester, responder)) = channel.split() else { return };
        let board = Board { rng: ChaCha20Rng::from_seed(seed), store, ui: Ui };
        let client_id = littlefs2::path::PathBuf::from(path!("fido"));
        let endpoint = ServiceEndpoint::new(
            responder,
            CoreContext::new(client_id),
            &[BackendId::Custom(BackendIds::StagingBackend), BackendId::Core],
        );
        let lie = Rc::new(Cell::new(None));
        let signer = Signer { staging: Dispatcher::default(), lie: Rc::clone(&lie) };
        let inline = Inline { service: Service::with_dispatch(board, signer), endpoints: [endpoint] };
        let client = ClientImplementation::<_, Dispatcher>::new(requester, inline, None);
        let mut config = Config::new(MAX_PAYLOAD);
        config.firmware_version =
            options.firmware.and_then(|version| Some(usize::try_from(version.number()).ok()?.into()));
        config.fido2_up_timeout = Some(options.touch_timeout_ms);
        let mut authenticator = Authenticator::new(client, button, config);
        for job in queue {
            button.begin(job.id);
            lie.set(job.lie);
            let mut answer = heapless_bytes::Bytes::<MAX_PAYLOAD>::new();
            // The only error is an empty request, which the device has refused already.
            let _ = authenticator.call(Command::Cbor, &job.request, &mut answer);
            if events.send(Event::Answer { job: job.id, payload: answer.to_vec() }).is_err() {
                return;
            }
        }
    });
}

/// Puts the attestation certificate and key where the firmware looks for them.
fn provision(store: Store<'_>, certificate: &[u8], scalar: &[u8; 32]) -> Ready {
    let flash = store.ifs();
    if flash.exists(KEY) {
        return Ok(());
    }
    flash.create_dir_all(path!("fido/x5c"))?;
    flash.create_dir_all(path!("fido/sec"))?;
    flash.write(CERTIFICATE, certificate)?;
    flash.write(KEY, &[&KEY_HEAD[..], scalar].concat())
}

/// What `trussed` calls a platform: randomness, storage, a user interface.
struct Board<'a> {
    rng: ChaCha20Rng,
    store: Store<'a>,
    ui: Ui,
}

/// Touches are [`Button`]'s; nothing else is asked of the user interface.
struct Ui;

impl platform::UserInterface for Ui {}

impl<'a> Platform for Board<'a> {
    type R = ChaCha20Rng;
    type S = Store<'a>;
    type UI = Ui;

    fn rng(&mut self) -> &mut ChaCha20Rng {
        &mut self.rng
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut Ui {
        &mut self.ui
    }
}

/// Stands before the staging back end, and lies where a signature is asked for.
struct Signer {
    staging: Dispatcher,
    lie: Rc<Cell<Option<Lie>>>,
}

impl Dispatch for Signer {
    type BackendId = BackendIds;
    type Context = StagingContext;

    fn request<P: Platform>(
        &mut self,
        backend: &BackendIds,
        context: &mut Context<StagingContext>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        match (self.lie.get(), request) {
            // The firmware also checks pinUvAuthParam by a `Sign`, with HMAC.
            (Some(lie), Request::Sign(sign))
                if matches!(sign.mechanism, Mechanism::P256 | Mechanism::Ed255) =>
            {
                let mut sign = sign.clone();
                let message = lie.signed(&sign.message);
                sign.message.clear();
                sign.message.extend_from_slice(&message).map_err(|_| Error::InternalError)?;
                resources.reply_to(&mut context.core, &Request::Sign(sign))
            }
            (Some(Lie::SelfAttested(_)), Request::Exists(exists)) if exists.key == ATTESTATION_KEY_ID => {
                Ok(Reply::Exists(reply::Exists { exists: false }))
            }
            _ => Dispatch::request(&mut self.staging, backend, context, request, resources),
        }
    }
}

/// Serves a syscall where it is made.
struct Inline<'a> {
    service: Service<Board<'a>, Signer>,
    endpoints: [ServiceEndpoint<'a, BackendIds, StagingContext>; 1],
}

impl platform::Syscall for Inline<'_> {
    fn syscall(&mut self) {
        self.service.process(&mut self.endpoints);
    }
}
