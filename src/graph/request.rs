//! A request to Microsoft Graph or Azure that a person sends, with whatever client they trust.

use serde::Serialize;
use serde_json::Value;

use crate::escape::quote;

/// Where Graph is.
pub const GRAPH: &str = "https://graph.microsoft.com/v1.0";

/// Where what is not in v1.0 is.
pub const BETA: &str = "https://graph.microsoft.com/beta";

/// A request to send.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Request {
    /// `PATCH`, `POST`, `PUT`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// What.
    pub body: Value,
}

impl Request {
    /// To a path of Graph v1.0, such as `/groups`.
    #[must_use]
    pub fn graph(method: &'static str, path: &str, body: Value) -> Self {
        Self { method, url: format!("{GRAPH}{path}"), body }
    }

    /// The command of the Azure CLI that sends it, with the body in a file.
    #[must_use]
    pub fn az_rest(&self, file: &str) -> String {
        let (method, url, file) = (self.method, quote(&self.url), quote(&format!("@{file}")));
        format!("az rest --method {method} --url {url} --headers Content-Type=application/json --body {file}")
    }
}

/// The command of the Azure CLI that fetches a URL into a file.
#[must_use]
pub fn fetch(url: &str, file: &str) -> String {
    format!("az rest --method GET --url {} > {}", quote(url), quote(file))
}
