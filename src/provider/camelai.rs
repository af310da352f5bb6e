//! camelAI (legacy REST).
pub struct Camelai;
