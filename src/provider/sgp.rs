//! Scale SGP (v4).
pub struct Sgp;
