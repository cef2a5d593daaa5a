//! What `entra match` tells.

use crate::verdict::finding::{Finding, ids};

/// One row a passkey, a key or a list.
pub type Row = Finding<Id>;

ids! {
    [const ABOUT: bool = true;]
    Account "account" "Another account's list says nothing of this one.";
    WholeList "whole-list" "On the next page may stand a stranger's passkey.";
    PasskeyKnown "passkey-known" "A registered passkey whose key nobody has in custody is somebody else's way in.";
    PasskeyAsItIs "passkey-as-it-is" "Entra must know the passkey as what it is: this model, attested, on one device.";
    KeyRegistered "key-registered" "A key that Entra does not know signs nobody in.";
    OnTheKey "on-the-key" "Only the key itself shows that the passkey is still on it.";
    OtherMethods "other-methods" "Every other method is another way in, tied to a person or a phone.";
}
