//! The real engine over a simulated network and virtual time: one seed is one run.
