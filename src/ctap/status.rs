//! The status byte of an answer (CTAP §8.2), typed over all of its values. Success is no error.

/// Why a key did not do what it was asked. Holds any status byte but 0x00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// A code that the specification names.
    Known(Code),
    /// 0xE0 to 0xEF: the extension's own.
    Extension(u8),
    /// 0xF0 to 0xFF: the vendor's own.
    Vendor(u8),
    /// A value that the specification gives no meaning.
    Unknown(u8),
}

/// Reads a status byte.
///
/// # Errors
/// The refusal, for every byte but 0x00.
pub fn check(byte: u8) -> Result<(), Refusal> {
    match byte {
        0x00 => Ok(()),
        0xe0..=0xef => Err(Refusal::Extension(byte)),
        0xf0..=0xff => Err(Refusal::Vendor(byte)),
        _ => Err(Code::from_byte(byte).map_or(Refusal::Unknown(byte), Refusal::Known)),
    }
}

impl Refusal {
    /// The byte as it came.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Known(code) => code.byte(),
            Self::Extension(byte) | Self::Vendor(byte) | Self::Unknown(byte) => byte,
        }
    }

    /// Whether this is the given code.
    #[must_use]
    pub fn is(self, code: Code) -> bool {
        self == Self::Known(code)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(code) => write!(f, "{} (0x{:02x} {})", code.meaning(), code.byte(), code.name()),
            Self::Extension(byte) => write!(f, "an extension's own error (0x{byte:02x})"),
            Self::Vendor(byte) => write!(f, "a vendor's own error (0x{byte:02x})"),
            Self::Unknown(byte) => write!(f, "an error the specification does not know (0x{byte:02x})"),
        }
    }
}

/// One row a code: its byte, its Rust name, its name in the specification, its meaning in plain words.
macro_rules! codes {
    ($($byte:literal $variant:ident $name:literal $meaning:literal;)*) => {
        /// The status codes that the specification names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $name] $variant,)* }

        impl Code {
            fn from_byte(byte: u8) -> Option<Self> {
                match byte { $($byte => Some(Self::$variant),)* _ => None }
            }

            /// The byte on the wire.
            #[must_use]
            pub fn byte(self) -> u8 {
                match self { $(Self::$variant => $byte,)* }
            }

            /// The name in the specification.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it says, in plain words.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    0x01 InvalidCommand "CTAP1_ERR_INVALID_COMMAND" "the key does not know this command";
    0x02 InvalidParameter "CTAP1_ERR_INVALID_PARAMETER" "the key calls a parameter invalid";
    0x03 InvalidLength "CTAP1_ERR_INVALID_LENGTH" "the key calls the length invalid";
    0x04 InvalidSeq "CTAP1_ERR_INVALID_SEQ" "the key calls the packet order invalid";
    0x05 Timeout "CTAP1_ERR_TIMEOUT" "the key gave up waiting";
    0x06 ChannelBusy "CTAP1_ERR_CHANNEL_BUSY" "the key is busy with somebody else";
    0x0a LockRequired "CTAP1_ERR_LOCK_REQUIRED" "the key wants a lock first";
    0x0b InvalidChannel "CTAP1_ERR_INVALID_CHANNEL" "the key does not know this channel";
    0x11 CborUnexpectedType "CTAP2_ERR_CBOR_UNEXPECTED_TYPE" "the key met an unexpected CBOR type";
    0x12 InvalidCbor "CTAP2_ERR_INVALID_CBOR" "the key could not read the CBOR";
    0x14 MissingParameter "CTAP2_ERR_MISSING_PARAMETER" "the key misses a parameter";
    0x15 LimitExceeded "CTAP2_ERR_LIMIT_EXCEEDED" "a limit of the key is exceeded";
    0x17 FpDatabaseFull "CTAP2_ERR_FP_DATABASE_FULL" "no room for another fingerprint";
    0x18 LargeBlobStorageFull "CTAP2_ERR_LARGE_BLOB_STORAGE_FULL" "no room for large blobs";
    0x19 CredentialExcluded "CTAP2_ERR_CREDENTIAL_EXCLUDED" "the key already holds an excluded credential";
    0x21 Processing "CTAP2_ERR_PROCESSING" "the key is still processing";
    0x22 InvalidCredential "CTAP2_ERR_INVALID_CREDENTIAL" "the credential is not valid for this key";
    0x23 UserActionPending "CTAP2_ERR_USER_ACTION_PENDING" "the key waits for its user";
    0x24 OperationPending "CTAP2_ERR_OPERATION_PENDING" "the key has an operation pending";
    0x25 NoOperations "CTAP2_ERR_NO_OPERATIONS" "the key has no operation pending";
    0x26 UnsupportedAlgorithm "CTAP2_ERR_UNSUPPORTED_ALGORITHM" "the key does not support the algorithm";
    0x27 OperationDenied "CTAP2_ERR_OPERATION_DENIED" "the touch was refused";
    0x28 KeyStoreFull "CTAP2_ERR_KEY_STORE_FULL" "the key's storage is full";
    0x2b UnsupportedOption "CTAP2_ERR_UNSUPPORTED_OPTION" "the key does not support an option";
    0x2c InvalidOption "CTAP2_ERR_INVALID_OPTION" "the key calls an option invalid";
    0x2d KeepaliveCancel "CTAP2_ERR_KEEPALIVE_CANCEL" "the operation was cancelled";
    0x2e NoCredentials "CTAP2_ERR_NO_CREDENTIALS" "the key does not hold such a credential";
    0x2f UserActionTimeout "CTAP2_ERR_USER_ACTION_TIMEOUT" "nobody touched the key in time";
    0x30 NotAllowed "CTAP2_ERR_NOT_ALLOWED" "the key does not allow this now";
    0x31 PinInvalid "CTAP2_ERR_PIN_INVALID" "the PIN is wrong";
    0x32 PinBlocked "CTAP2_ERR_PIN_BLOCKED" "the PIN is blocked; only a reset helps, and it erases the key";
    0x33 PinAuthInvalid "CTAP2_ERR_PIN_AUTH_INVALID" "the key does not accept the PIN proof";
    0x34 PinAuthBlocked "CTAP2_ERR_PIN_AUTH_BLOCKED" "too many wrong PINs in a row; the key wants to be unplugged first";
    0x35 PinNotSet "CTAP2_ERR_PIN_NOT_SET" "no PIN is set";
    0x36 PuatRequired "CTAP2_ERR_PUAT_REQUIRED" "the key wants the PIN for this";
    0x37 PinPolicyViolation "CTAP2_ERR_PIN_POLICY_VIOLATION" "the PIN breaks the key's PIN policy";
    0x39 RequestTooLarge "CTAP2_ERR_REQUEST_TOO_LARGE" "the request is too large for the key";
    0x3a ActionTimeout "CTAP2_ERR_ACTION_TIMEOUT" "the key gave up waiting for an action";
    0x3b UpRequired "CTAP2_ERR_UP_REQUIRED" "the key wants a touch for this";
    0x3c UvBlocked "CTAP2_ERR_UV_BLOCKED" "built-in user verification is blocked";
    0x3d IntegrityFailure "CTAP2_ERR_INTEGRITY_FAILURE" "the key found its data damaged";
    0x3e InvalidSubcommand "CTAP2_ERR_INVALID_SUBCOMMAND" "the key does not know this subcommand";
    0x3f UvInvalid "CTAP2_ERR_UV_INVALID" "built-in user verification failed";
    0x40 UnauthorizedPermission "CTAP2_ERR_UNAUTHORIZED_PERMISSION" "the PIN token lacks this permission";
    0x7f Other "CTAP1_ERR_OTHER" "an error that the key does not name";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_home_and_comes_back() {
        assert_eq!(check(0), Ok(()));
        for byte in 1..=u8::MAX {
            assert_eq!(check(byte).unwrap_err().byte(), byte);
        }
    }
}
