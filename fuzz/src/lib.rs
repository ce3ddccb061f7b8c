//! Support for the fuzz targets.

pub mod answer;
pub mod guest;
pub mod json;
pub mod model;
pub mod sandbox;
