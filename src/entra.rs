//! Graph files in and out: an account's passkeys as Entra lists them, held against the record and the key; creation options
//! in, and the body of a passkey out; and ready bodies, queries and rules for the tenant, from the plan. Pure: no file, no
//! network, no token.

pub mod credential_id;
pub mod emit;
pub mod matching;
pub mod methods;
pub mod options;
pub mod register;

mod error;

pub use error::EntraError;
pub use register::RegisterError;
