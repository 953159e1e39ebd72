//! Pages and components shared by the shells.
