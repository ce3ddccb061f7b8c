//! What the fuzz targets share.

pub mod answer;
pub mod guest;
pub mod json;
pub mod model;
pub mod sandbox;
