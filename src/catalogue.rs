//! Models, vendors, anchors, advisories.
