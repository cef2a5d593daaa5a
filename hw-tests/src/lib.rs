//! Soft keys as HID devices of the kernel, by `/dev/uhid` or over USB, for tests of `glasskey` where hidraw, udev and permissions are real.
//!
//! This crate is for a virtual machine: it makes input devices.

pub mod catalogue;
pub mod gadget;
pub mod plug;
pub mod uhid;
