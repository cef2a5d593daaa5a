//! The rules that `status` judges by.

use crate::verdict::finding::{Finding, ids};

pub(super) use crate::verdict::finding::or_pass;
pub(super) use crate::verdict::words::{counted, day, listed, second};

/// One row a rule that is kept, and one for each thing that breaks it.
pub type Row = Finding<Id>;

ids! {
    [const ABOUT: bool = true;]
    Plan "plan" "A plan that contradicts itself, or is not filled in, cannot be kept.";
    Organisation "organisation" "A plan and a ledger of two organisations say nothing about each other.";
    Ledger "ledger" "What this program does not understand in the record, it does not count.";
    Pending "pending" "A step that was begun and not ended may have left a key half done.";
    SoftKey "soft-key" "A soft key is a program: nothing told here speaks of hardware.";
    AccountKnown "account-known" "A key for an account that is not in the plan is nobody's to judge.";
    KeysPerAccount "keys-per-account" "An account without its keys does not sign in on the day.";
    CustodyCredential "custody-credential" "A key is known again only by its custody credential, under the plan's relying party.";
    KeyReset "key-reset" "A reset erases every passkey: this key signs nobody in.";
    VendorAllowed "vendor-allowed" "The organisation decided whose keys an account may hold.";
    VendorDiversity "vendor-diversity" "One vendor's fault must not take out every account.";
    SingleFailure "single-failure" "Two brands on one chip, or under one attestation, fall together: a plan by vendors alone does not see it.";
    SitesApart "sites-apart" "One fire, or one locked door, must not take out every account.";
    SitePlanned "site-planned" "On the day the key must be where the plan says.";
    CustodianPlanned "custodian-planned" "On the day somebody must be called who has the key.";
    ModelKnown "model-known" "Nothing can be said for a model that nobody has described.";
    AllowList "allow-list" "Entra lets a model register and sign in only while the passkey profile and the authentication strength allow its AAGUID.";
    AllowListAgreement "allow-list-agreement" "A model that only one of the lists allows registers and then cannot sign in.";
    Advisory "advisory" "A known fault in the firmware may let somebody copy the key or lock you out.";
    Drill "drill" "A key that nobody has tried for long may have died since.";
    LastVerdict "last-verdict" "A key that was found not fit is no way back in.";
    AccountDrill "account-drill" "An account that nobody has signed in with for long may not sign in on the day.";
    PersonnelChange "personnel-change" "Whoever left still knows what they knew, and whoever came has not been trained.";
    DrillOpen "drill-open" "A drill that is not ended counts for nothing, and keys may lie outside their safe.";
    DrillActions "drill-actions" "What a drill found is not mended by itself.";
    SignIns "sign-ins" "A break-glass account that signs in outside drills is an emergency, or misuse.";
    Counter "counter" "A signature counter that stands still or goes back hints at a copy.";
    Changed "changed" "A key that is not as it was at enrolment was changed by somebody.";
}
