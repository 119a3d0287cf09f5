//! The tensors of a model file: one line each.

use super::ModelError;
use super::check::{MAX_VALUE, finite};
use crate::dsp::packed_matrix::PackedMatrix;
use crate::model::Model;
use crate::model::codec::{FRAME_VALUES, TIMBRE_DIM};
use crate::model::detail::{DETAIL_VALUES, DetailCodec, MOST_COMPONENTS};
use crate::model::map::MAX_POINTS;
use crate::model::memory::{KEY_DIM, MAX_CELLS, MAX_FRAMES, NEIGHBOURS};
use crate::model::network::{GESTURE_DIM, GESTURE_OUT, HIDDEN, INPUT, TIMBRE_HIDDEN, TIMBRE_ROW, VECTOR_DIM};
use Dim::{CellBounds, Cells, Components, DetailBytes, Fixed, Frames, Points};
use half::f16;
use safetensors::tensor::{Dtype, TensorView};

/// Length of one axis.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dim {
    /// The same in every model.
    Fixed(usize),
    /// Frames of the memory.
    Frames,
    /// Cells of its index.
    Cells,
    /// Where the cells begin, and where the last ends.
    CellBounds,
    /// Points of the map.
    Points,
    /// Components of detail.
    Components,
    /// Bytes of a frame's detail.
    DetailBytes,
}

/// Where a tensor lives in the model, and by that how it is written.
#[derive(Clone, Copy)]
enum Field {
    /// Half precision.
    Halves(fn(&mut Model) -> &mut Vec<f32>),
    /// Half precision, row by row.
    Matrix(fn(&mut Model) -> &mut dyn Rows),
    /// One number in single precision: half a cent of pitch matters, two bytes do not.
    Single(fn(&mut Model) -> &mut f32),
    Bytes(fn(&mut Model) -> &mut Vec<u8>),
    Shorts(fn(&mut Model) -> &mut Vec<u16>),
}

/// A matrix as a file has it: row by row.
trait Rows {
    fn to_rows(&self, num_cols: usize) -> Vec<f32>;
    fn set_rows(&mut self, rows: &[f32], num_cols: usize);
}

impl<const ROWS: usize> Rows for PackedMatrix<ROWS> {
    fn to_rows(&self, num_cols: usize) -> Vec<f32> {
        self.to_rows(num_cols)
    }

    fn set_rows(&mut self, rows: &[f32], num_cols: usize) {
        *self = Self::from_rows(rows, num_cols);
    }
}

impl Rows for DetailCodec {
    fn to_rows(&self, _num_cols: usize) -> Vec<f32> {
        self.components()
    }

    fn set_rows(&mut self, rows: &[f32], _num_cols: usize) {
        *self = Self::from_components(rows);
    }
}

/// One tensor of the file.
#[derive(Clone, Copy)]
pub(super) struct Tensor {
    pub(super) name: &'static str,
    dims: &'static [Dim],
    field: Field,
}

/// All tensors. To add one, add a line (and, since old readers refuse it, a format).
pub(super) const TENSORS: &[Tensor] = &[
    single("codec.pitch_mean", |m| &mut m.codec.pitch_mean),
    single("codec.pitch_std", |m| &mut m.codec.pitch_std),
    single("codec.loudness_mean", |m| &mut m.codec.loudness_mean),
    single("codec.loudness_std", |m| &mut m.codec.loudness_std),
    halves("codec.mean", &[Fixed(FRAME_VALUES)], |m| &mut m.codec.mean),
    halves("codec.encode", &[Fixed(TIMBRE_DIM), Fixed(FRAME_VALUES)], |m| &mut m.codec.encode),
    halves("codec.decode", &[Fixed(TIMBRE_DIM), Fixed(FRAME_VALUES)], |m| &mut m.codec.decode),
    matrix(DETAIL_DECODE, &[Components, Fixed(DETAIL_VALUES)], |m| &mut m.detail),
    matrix("network.gru_input", &[Fixed(3 * HIDDEN), Fixed(INPUT)], |m| &mut m.network.gru_input),
    matrix("network.gru_state", &[Fixed(3 * HIDDEN), Fixed(HIDDEN)], |m| &mut m.network.gru_state),
    halves("network.gru_input_bias", &[Fixed(3 * HIDDEN)], |m| &mut m.network.gru_input_bias),
    halves("network.gru_state_bias", &[Fixed(3 * HIDDEN)], |m| &mut m.network.gru_state_bias),
    matrix("network.gesture", &[Fixed(GESTURE_OUT), Fixed(HIDDEN)], |m| &mut m.network.gesture),
    halves("network.gesture_bias", &[Fixed(GESTURE_OUT)], |m| &mut m.network.gesture_bias),
    matrix("network.timbre_state", &[Fixed(TIMBRE_HIDDEN), Fixed(HIDDEN)], |m| &mut m.network.timbre_state),
    halves("network.timbre_gesture", &[Fixed(TIMBRE_HIDDEN), Fixed(GESTURE_DIM)], |m| {
        &mut m.network.timbre_gesture
    }),
    halves("network.timbre_hidden_bias", &[Fixed(TIMBRE_HIDDEN)], |m| &mut m.network.timbre_hidden_bias),
    halves("network.timbre_change", &[Fixed(TIMBRE_DIM), Fixed(TIMBRE_HIDDEN)], |m| {
        &mut m.network.timbre_change
    }),
    matrix("network.timbre", &[Fixed(TIMBRE_DIM), Fixed(TIMBRE_ROW), Fixed(TIMBRE_HIDDEN)], |m| {
        &mut m.network.timbre
    }),
    halves("network.timbre_bias", &[Fixed(TIMBRE_DIM), Fixed(TIMBRE_ROW)], |m| &mut m.network.timbre_bias),
    matrix("memory.projection", &[Fixed(KEY_DIM), Fixed(HIDDEN)], |m| &mut m.memory.projection),
    halves("memory.keys", &[Frames, Fixed(KEY_DIM)], |m| &mut m.memory.keys),
    halves(MEMORY_FRAMES, &[Frames, Fixed(VECTOR_DIM)], |m| &mut m.memory.frames),
    bytes("memory.details", &[Frames, DetailBytes], |m| &mut m.memory.details),
    bytes("memory.flags", &[Frames], |m| &mut m.memory.flags),
    shorts("memory.neighbours", &[Frames, Fixed(NEIGHBOURS)], |m| &mut m.memory.neighbours),
    halves(MEMORY_CELLS, &[Cells, Fixed(KEY_DIM)], |m| &mut m.memory.cells),
    shorts("memory.cell_starts", &[CellBounds], |m| &mut m.memory.cell_starts),
    shorts("memory.cell_frames", &[Frames], |m| &mut m.memory.cell_frames),
    single("memory.width", |m| &mut m.memory.width),
    single("memory.spread", |m| &mut m.memory.spread),
    halves(MAP_POSITIONS, &[Points, Fixed(2)], |m| &mut m.map.positions),
    halves("map.frames", &[Points, Fixed(VECTOR_DIM)], |m| &mut m.map.frames),
    shorts("map.memory_frames", &[Points], |m| &mut m.map.memory_frames),
];

/// The tensors whose first axis tells the lengths that differ between models.
const DETAIL_DECODE: &str = "detail.decode";
const MEMORY_FRAMES: &str = "memory.frames";
const MEMORY_CELLS: &str = "memory.cells";
const MAP_POSITIONS: &str = "map.positions";

const fn halves(name: &'static str, dims: &'static [Dim], field: fn(&mut Model) -> &mut Vec<f32>) -> Tensor {
    Tensor { name, dims, field: Field::Halves(field) }
}

const fn matrix(name: &'static str, dims: &'static [Dim], field: fn(&mut Model) -> &mut dyn Rows) -> Tensor {
    Tensor { name, dims, field: Field::Matrix(field) }
}

const fn single(name: &'static str, field: fn(&mut Model) -> &mut f32) -> Tensor {
    Tensor { name, dims: &[], field: Field::Single(field) }
}

const fn bytes(name: &'static str, dims: &'static [Dim], field: fn(&mut Model) -> &mut Vec<u8>) -> Tensor {
    Tensor { name, dims, field: Field::Bytes(field) }
}

const fn shorts(name: &'static str, dims: &'static [Dim], field: fn(&mut Model) -> &mut Vec<u16>) -> Tensor {
    Tensor { name, dims, field: Field::Shorts(field) }
}

/// The lengths that differ between models, within their bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counts {
    frames: usize,
    cells: usize,
    points: usize,
    components: usize,
}

impl Counts {
    /// As the model has them; whether its vectors agree is seen tensor by tensor.
    pub(super) fn of_model(model: &Model) -> Result<Self, ModelError> {
        let frames = model.memory.num_frames();
        let cells = model.memory.cells.len() / KEY_DIM;
        let points = model.map.positions.len() / 2;
        let components = model.detail.num_components();
        Self { frames, cells, points, components }.within_bounds()
    }

    /// As the shapes of a file have them.
    pub(super) fn of_shapes<'a>(
        shape: impl Fn(&Tensor) -> Result<&'a [usize], ModelError>,
    ) -> Result<Self, ModelError> {
        let first = |name: &str| -> Result<usize, ModelError> {
            let Some(tensor) = TENSORS.iter().find(|tensor| tensor.name == name) else { return Ok(0) };
            // A shape without axes is refused when it is compared.
            Ok(shape(tensor)?.first().copied().unwrap_or(0))
        };
        let (frames, cells, points) = (first(MEMORY_FRAMES)?, first(MEMORY_CELLS)?, first(MAP_POSITIONS)?);
        let components = first(DETAIL_DECODE)?;
        Self { frames, cells, points, components }.within_bounds()
    }

    fn within_bounds(self) -> Result<Self, ModelError> {
        for (what, num, max) in [
            ("frames in memory", self.frames, MAX_FRAMES),
            ("cells of memory", self.cells, MAX_CELLS),
            ("points on the map", self.points, MAX_POINTS),
            ("components of detail", self.components, MOST_COMPONENTS),
        ] {
            if max < num {
                return Err(ModelError::TooMany { what, num, max });
            }
        }
        Ok(self)
    }

    fn resolve(&self, dim: Dim) -> usize {
        match dim {
            Fixed(length) => length,
            Frames => self.frames,
            Cells => self.cells,
            CellBounds => self.cells + 1,
            Points => self.points,
            Components => self.components,
            DetailBytes => self.components / 2,
        }
    }
}

impl Tensor {
    pub(super) fn shape(&self, counts: &Counts) -> Vec<usize> {
        self.dims.iter().map(|dim| counts.resolve(*dim)).collect()
    }

    /// Length of its last axis.
    fn num_cols(&self) -> usize {
        match self.dims.last() {
            Some(Fixed(length)) => *length,
            _ => 1,
        }
    }

    /// Its type as the file's header names it.
    pub(super) fn type_name(&self) -> &'static str {
        match self.field {
            Field::Halves(_) | Field::Matrix(_) => "F16",
            Field::Single(_) => "F32",
            Field::Bytes(_) => "U8",
            Field::Shorts(_) => "U16",
        }
    }

    fn dtype(&self) -> Dtype {
        match self.field {
            Field::Halves(_) | Field::Matrix(_) => Dtype::F16,
            Field::Single(_) => Dtype::F32,
            Field::Bytes(_) => Dtype::U8,
            Field::Shorts(_) => Dtype::U16,
        }
    }

    /// Bytes of one number.
    pub(super) fn num_bytes(&self) -> usize {
        self.dtype().bitsize() / 8
    }

    /// Its numbers as the file has them. Rounds those in `model` to the same.
    pub(super) fn bytes(&self, model: &mut Model, counts: &Counts) -> Result<Vec<u8>, ModelError> {
        let shape = self.shape(counts);
        let check_length = |length: usize| {
            if length == shape.iter().product::<usize>() {
                Ok(())
            } else {
                Err(ModelError::Shape { name: self.name, got: vec![length], expected: shape.clone() })
            }
        };
        match self.field {
            Field::Halves(field) => {
                check_length(field(model).len())?;
                self.rounded_bytes(field(model))
            }
            Field::Matrix(field) => {
                let mut rows = field(model).to_rows(self.num_cols());
                check_length(rows.len())?;
                let bytes = self.rounded_bytes(&mut rows)?;
                field(model).set_rows(&rows, self.num_cols());
                Ok(bytes)
            }
            Field::Single(field) => Ok(finite(self.name, 0, *field(model))?.to_le_bytes().to_vec()),
            Field::Bytes(field) => {
                check_length(field(model).len())?;
                Ok(field(model).clone())
            }
            Field::Shorts(field) => {
                check_length(field(model).len())?;
                Ok(field(model).iter().flat_map(|value| value.to_le_bytes()).collect())
            }
        }
    }

    /// Rounds numbers to half precision; what a file has of them.
    fn rounded_bytes(&self, values: &mut [f32]) -> Result<Vec<u8>, ModelError> {
        let mut bytes = Vec::with_capacity(2 * values.len());
        for (index, value) in values.iter_mut().enumerate() {
            // A finite value beyond the bound is an outlier and no reason to lose what was learned.
            let rounded = f16::from_f32(finite(self.name, index, *value)?.clamp(-MAX_VALUE, MAX_VALUE));
            *value = rounded.to_f32();
            bytes.extend(rounded.to_le_bytes());
        }
        Ok(bytes)
    }

    /// Is this what the file has? Safetensors has seen to it that shape and bytes agree.
    pub(super) fn check(&self, view: &TensorView<'_>, counts: &Counts) -> Result<(), ModelError> {
        if view.dtype() != self.dtype() {
            return Err(ModelError::Type {
                name: self.name,
                got: view.dtype().to_string(),
                expected: self.type_name(),
            });
        }
        let expected = self.shape(counts);
        if view.shape() != expected {
            return Err(ModelError::Shape { name: self.name, got: view.shape().to_vec(), expected });
        }
        Ok(())
    }

    /// Puts the file's numbers into the model, once they were checked.
    pub(super) fn read(&self, data: &[u8], model: &mut Model) -> Result<(), ModelError> {
        match self.field {
            Field::Halves(field) => *field(model) = self.halves(data)?,
            Field::Matrix(field) => field(model).set_rows(&self.halves(data)?, self.num_cols()),
            Field::Single(field) => {
                let bytes = data.first_chunk().copied().unwrap_or_default();
                *field(model) = within(self.name, 0, f32::from_le_bytes(bytes))?;
            }
            Field::Bytes(field) => *field(model) = data.to_vec(),
            Field::Shorts(field) => *field(model) = pairs(data).map(u16::from_le_bytes).collect(),
        }
        Ok(())
    }

    fn halves(&self, data: &[u8]) -> Result<Vec<f32>, ModelError> {
        let values = pairs(data).map(|pair| f16::from_le_bytes(pair).to_f32());
        values.enumerate().map(|(index, value)| within(self.name, index, value)).collect()
    }
}

fn pairs(data: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    data.chunks_exact(2).map(|pair| [pair[0], pair[1]])
}

/// Finite and no larger than any learned number.
fn within(name: &'static str, index: usize, value: f32) -> Result<f32, ModelError> {
    if finite(name, index, value)?.abs() <= MAX_VALUE {
        return Ok(value);
    }
    let bound = format!("at most {MAX_VALUE} in magnitude");
    Err(ModelError::Value { name, index, value: f64::from(value), bound })
}
