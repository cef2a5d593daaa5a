//! What `tenant check` looks at.

use crate::verdict::finding::{Finding, ids};

/// One row a rule that is kept, and one for each thing that breaks it.
pub type Row = Finding<Id>;

ids! {
    [const ABOUT: bool = true;]
    TwoAccounts "two-accounts" "One account alone is locked out with its key, its safe or its vendor.";
    AccountsExist "accounts-exist" "An account that is not in the tenant, or is another one, signs nobody in.";
    OwnDomain "own-domain" "A federated or lapsed domain locks its accounts out; the tenant's own cannot lapse.";
    CloudOnly "cloud-only" "A synchronised account hangs on a directory that may be down, or in an attacker's hands.";
    AccountsEnabled "accounts-enabled" "A disabled account signs nobody in.";
    GlobalAdministrator "global-administrator" "Without the role the account repairs nothing.";
    RolePermanent "role-permanent" "A role that must be activated, or ends, may be gone on the day.";
    NotEligible "not-eligible" "Eligibility beside the role leads to activations that end.";
    FewAdministrators "few-administrators" "Each Global Administrator is a way to all of the tenant, the accounts included.";
    RoleAssignableGroup "role-assignable-group" "Only of a role-assignable group the members cannot be changed by lesser administrators.";
    GroupMembers "group-members" "Policies that leave the group out leave out whoever is in it, and nobody else.";
    RestrictedUnit "restricted-unit" "In a restricted management unit no other administrator can change the accounts.";
    UnitMembers "unit-members" "An account outside the unit is not protected by it.";
    AccountsRestricted "accounts-restricted" "What Entra says of the account itself is what counts.";
    PasskeyMethod "passkey-method" "Where the method is off, or the group is excluded, no key signs in.";
    ListsAgree "lists-agree" "A model that only one of the lists allows registers and then cannot sign in.";
    HasPasskey "has-passkey" "An account without a passkey signs in with no key.";
    PasskeyOnly "passkey-only" "Every other method is another way in, tied to a person or a phone.";
    PolicyDedicated "policy-dedicated" "What no policy demands of the accounts, nobody has to show.";
    PolicyStrength "policy-strength" "Only the strength holds the account to the keys in the safes.";
    SignInFrequency "sign-in-frequency" "A session that never ends outlives the emergency.";
    PersistentBrowser "persistent-browser" "A browser that stays signed in is a way in for its next user.";
    PoliciesExclude "policies-exclude" "A policy that also binds the accounts can lock them out with everybody else.";
    LogsKept "logs-kept" "What no log holds, no alert sees, and nobody can look up afterwards.";
    AlertSignIns "alert-sign-ins" "A sign-in of such an account is an emergency, a drill or an attack, and somebody must know at once.";
    AlertAudit "alert-audit" "Whoever changes such an account prepares something.";
    AlertEnabled "alert-enabled" "A rule that is switched off calls nobody.";
    AlertThreshold "alert-threshold" "The first event must call, not the second.";
    AlertSeverity "alert-severity" "Such an alert must not drown among others.";
    AlertInTime "alert-in-time" "A rule that looks back less far than it pauses overlooks what happens in between.";
    AlertWorkspace "alert-workspace" "A rule over a workspace that gets no logs never fires.";
    ActionGroup "action-group" "An alert without somebody to call is silence.";
    ActionGroupOutside "action-group-outside" "When the tenant is locked, nobody reads its mail.";
}
