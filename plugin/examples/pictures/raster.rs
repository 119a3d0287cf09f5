//! Draws what egui would have a graphics card draw: triangles with colours and textures, on the processor.

use std::collections::HashMap;

use egui::epaint::{Primitive, Vertex};
use egui::{ClippedPrimitive, Color32, ColorImage, ImageData, Rect, TextureId, TexturesDelta, pos2};

/// The textures so far.
#[derive(Default)]
pub(crate) struct Raster {
    textures: HashMap<TextureId, ColorImage>,
}

impl Raster {
    /// Takes new and changed textures.
    pub(crate) fn take(&mut self, mut delta: TexturesDelta) {
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                match change.pos {
                    None => {
                        self.textures.insert(id, (**image).clone());
                    }
                    Some([left, top]) => {
                        if let Some(texture) = self.textures.get_mut(&id) {
                            for (y, row) in image.pixels.chunks_exact(image.size[0]).enumerate() {
                                let start = (top + y) * texture.size[0] + left;
                                texture.pixels[start..start + row.len()].copy_from_slice(row);
                            }
                        }
                    }
                }
            }
        }
        delta.clear();
    }

    /// A picture of `size` pixels.
    pub(crate) fn draw(&self, primitives: &[ClippedPrimitive], size: [usize; 2], scale: f32) -> ColorImage {
        let mut image = ColorImage::filled(size, Color32::BLACK);
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = (*clip_rect * scale)
                .intersect(Rect::from_min_size(pos2(0.0, 0.0), egui::vec2(size[0] as f32, size[1] as f32)));
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2].map(|idx| mesh.vertices[corners[idx] as usize]);
                triangle(&mut image, corners, texture, clip, scale);
            }
        }
        image
    }
}

fn triangle(image: &mut ColorImage, corners: [Vertex; 3], texture: &ColorImage, clip: Rect, scale: f32) {
    let at = corners.map(|corner| corner.pos.to_vec2() * scale);
    let bounds = Rect::from_points(&at.map(|place| place.to_pos2())).intersect(clip.round());
    let cross = |a: egui::Vec2, b: egui::Vec2| a.x * b.y - a.y * b.x;
    let area = cross(at[1] - at[0], at[2] - at[0]);
    if area == 0.0 || !bounds.is_positive() {
        return;
    }
    for y in bounds.top().floor() as usize..bounds.bottom().ceil() as usize {
        for x in bounds.left().floor() as usize..bounds.right().ceil() as usize {
            let place = egui::vec2(x as f32 + 0.5, y as f32 + 0.5);
            let weights = [
                cross(at[2] - at[1], place - at[1]) / area,
                cross(at[0] - at[2], place - at[2]) / area,
                cross(at[1] - at[0], place - at[0]) / area,
            ];
            // An edge that two triangles share belongs to one of them.
            let inside = |idx: usize| {
                let edge = at[(idx + 2) % 3] - at[(idx + 1) % 3];
                let owns = edge.y * area.signum() > 0.0 || edge.y == 0.0 && edge.x * area.signum() < 0.0;
                0.0 < weights[idx] || weights[idx] == 0.0 && owns
            };
            if !(0..3).all(inside) || image.size[0] <= x || image.size[1] <= y {
                continue;
            }
            let mix = |value: fn(&Vertex) -> [f32; 4]| {
                let values = [0, 1, 2].map(|idx| value(&corners[idx]));
                [0, 1, 2, 3].map(|axis| (0..3).map(|idx| weights[idx] * values[idx][axis]).sum::<f32>())
            };
            let colour = mix(|vertex| vertex.color.to_array().map(f32::from));
            let uv = mix(|vertex| [vertex.uv.x, vertex.uv.y, 0.0, 0.0]);
            let texel = sample(texture, uv[0], uv[1]);
            let pixel = &mut image.pixels[y * image.size[0] + x];
            let source = [0, 1, 2, 3].map(|axis| colour[axis] * texel[axis] / 255.0);
            let under = pixel.to_array();
            let over =
                [0, 1, 2, 3].map(|axis| source[axis] + f32::from(under[axis]) * (1.0 - source[3] / 255.0));
            let [r, g, b, a] = over.map(|value| value.round().clamp(0.0, 255.0) as u8);
            *pixel = Color32::from_rgba_premultiplied(r, g, b, a);
        }
    }
}

/// A texture between its texels.
fn sample(texture: &ColorImage, u: f32, v: f32) -> [f32; 4] {
    let [width, height] = texture.size;
    let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
    let mut sum = [0.0; 4];
    for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let (left, top) = (x.floor() + dx, y.floor() + dy);
        let weight = (1.0 - (x - left).abs()).max(0.0) * (1.0 - (y - top).abs()).max(0.0);
        let column = (left.max(0.0) as usize).min(width - 1);
        let row = (top.max(0.0) as usize).min(height - 1);
        let texel = texture.pixels[row * width + column].to_array();
        for (sum, value) in sum.iter_mut().zip(texel) {
            *sum += weight * f32::from(value);
        }
    }
    sum
}
