//! Foreign text in documents. The templates apply these to every value, so that nobody can forget it.

use std::fmt::{self, Write};

use askama::filters::Escaper;

use crate::escape::escape;

/// Text in HTML and SVG: what is invisible becomes visible, and markup becomes text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: Write>(&self, dest: W, text: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(dest, &escape(text))
    }
}

/// Text in Markdown (CommonMark 0.31, GitHub's tables and links that link themselves): every character that could mean
/// more than itself gets a backslash before it. A line never begins with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Markdown;

impl Escaper for Markdown {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let text = escape(text);
        let mut chars = text.chars().peekable();
        let mut before = None;
        while let Some(c) = chars.next() {
            let means_more = match c {
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$' | '@' => true,
                // `https://…` and `:emoji:`.
                ':' => chars.peek() != Some(&' '),
                // `www.…`
                '.' => matches!(before, Some('w' | 'W')),
                _ => false,
            };
            if means_more {
                dest.write_char('\\')?;
            }
            dest.write_char(c)?;
            before = Some(c);
        }
        Ok(())
    }
}
