/**
 * Movers on the map: an arrow by heading while moving, a square when stopped, a hollow ring when stale, and an outer ring
 * for a device alarm. They are one draw of plain triangles that reads the movers from two textures. Drawn as instances,
 * a machine without a graphics card (SwiftShader) takes ten times as long: it works each instance off by itself.
 */
import { Layer, project32, type DefaultProps, type LayerProps, type UpdateParameters } from '@deck.gl/core'
import type { Texture } from '@luma.gl/core'
import { Model } from '@luma.gl/engine'

type Rgba = [number, number, number, number]

/** Texels of a row of the textures; capacities are multiples of it. */
export const ROW = 256
const CORNERS = 6

interface OwnProps {
  count: number
  /** Four for each mover: lon, lat in degrees, and what rounding them to 32 bits lost. */
  places: Float32Array
  /** Two for each mover: its colour, and its marks (heading in 2 degrees, state, alarm level), as bytes. */
  looks: Uint32Array
  /** Another number when the arrays have changed. */
  version: number
  /** Half the length of an arrow, pixels. */
  size: number
  casing: Rgba
  alarm: Rgba
  /** 1 is opaque; less while a track is in the foreground. */
  strength: number
  /** Width of the casing around a shape, pixels; 0 draws none. */
  halo: number
}

const block = `\
layout(std140) uniform moverUniforms {
  vec4 casing;
  vec4 alarm;
  float size;
  float strength;
  float halo;
} mover;
`

const uniforms = {
  name: 'mover',
  vs: block,
  fs: block,
  uniformTypes: { casing: 'vec4<f32>', alarm: 'vec4<f32>', size: 'f32', strength: 'f32', halo: 'f32' },
} as const

const vs = `#version 300 es
#define SHADER_NAME mover-layer-vertex
precision highp float;
precision highp int;
uniform highp sampler2D places;
uniform highp usampler2D looks;
flat out vec4 vColor;
flat out float vState;
flat out float vAlarm;
out vec2 vAt;

vec4 bytes(uint word) {
  return vec4(float(word & 255u), float((word >> 8) & 255u), float((word >> 16) & 255u), float(word >> 24));
}

void main(void) {
  int index = gl_VertexID / ${CORNERS};
  int corner = gl_VertexID - index * ${CORNERS};
  ivec2 texel = ivec2(index % ${ROW}, index / ${ROW});
  uvec2 look = texelFetch(looks, texel, 0).rg;
  vec4 marks = bytes(look.g);
  vState = marks.y;
  vAlarm = marks.z;
  vColor = bytes(look.r) / 255.0;
  vAt = vec2(0.0);
  gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  if (vColor.a == 0.0) return;
  // No wider than what is drawn: most of the cost on a machine without a graphics card is in covered pixels.
  float rim = mover.halo / mover.size;
  vec2 reach = vAlarm > 0.0 ? vec2(2.0 + rim) : vState == 0.0 ? vec2(0.78, 1.1) + rim : vec2(0.75 + rim);
  vAt = reach * vec2(corner == 1 || corner == 2 || corner == 4 ? 1.0 : -1.0, corner == 2 || corner == 4 || corner == 5 ? 1.0 : -1.0);
  float turn = vState == 0.0 ? radians(marks.x * 2.0) : 0.0;
  vec2 offset = vec2(vAt.x * cos(turn) + vAt.y * sin(turn), vAt.y * cos(turn) - vAt.x * sin(turn)) * mover.size;
  vec4 place = texelFetch(places, texel, 0);
  geometry.worldPosition = vec3(place.xy, 0.0);
  gl_Position = project_position_to_clipspace(vec3(place.xy, 0.0), vec3(place.zw, 0.0), vec3(0.0), geometry.position);
  gl_Position.xy += project_pixel_size_to_clipspace(offset);
}
`

const fs = `#version 300 es
#define SHADER_NAME mover-layer-fragment
precision highp float;
flat in vec4 vColor;
flat in float vState;
flat in float vAlarm;
in vec2 vAt;
out vec4 fragColor;

void main(void) {
  // Signed distance in half lengths of an arrow, negative inside. The normals are those of the edges from the tip
  // (0, 1.12) to the tail (0.76, -0.9) and from there to the notch (0, -0.45); the arrow is even in x.
  vec2 p = vec2(abs(vAt.x), vAt.y);
  float shape = vState == 0.0 ? max(0.936 * (p.x - 0.76) + 0.352 * (p.y + 0.9), -0.861 * (p.y + 0.45) - 0.51 * p.x)
    : vState == 1.0 ? max(p.x, abs(p.y)) - 0.6
    : abs(length(vAt) - 0.55) - 0.2;
  float px = shape * mover.size;
  float body = clamp(0.5 - px, 0.0, 1.0);
  float halo = mover.halo > 0.0 ? clamp(mover.halo - px, 0.0, 1.0) : 0.0;
  vec4 made = mix(vec4(mover.casing.rgb, mover.casing.a * halo), vColor, body);
  if (vAlarm > 0.0) {
    float ring = (abs(length(vAt) - 1.6) - 0.12 - 0.09 * vAlarm) * mover.size;
    made = mix(made, mover.alarm, clamp(0.5 - ring, 0.0, 1.0));
  }
  made.a *= mover.strength;
  if (made.a < 0.02) discard;
  fragColor = made;
}
`

const defaultProps: DefaultProps<OwnProps> = {
  count: 0,
  places: { type: 'object', value: new Float32Array(ROW * 4), compare: false },
  looks: { type: 'object', value: new Uint32Array(ROW * 2), compare: false },
  version: 0,
  size: 6,
  strength: 1,
  halo: 1.5,
  casing: { type: 'color', value: [255, 255, 255, 230] },
  alarm: { type: 'color', value: [176, 48, 140, 255] },
}

const unit = (color: Rgba): Rgba => color.map((x) => x / 255) as Rgba

export class MoverLayer extends Layer<OwnProps & LayerProps> {
  static override layerName = 'MoverLayer'
  static override defaultProps = defaultProps
  declare state: { model: Model; places?: Texture; looks?: Texture; rows: number }

  /** There are no attributes: the shader reads textures. */
  override _getAttributeManager(): null {
    return null
  }

  override getShaders(): ReturnType<Layer['getShaders']> {
    return super.getShaders({ vs, fs, modules: [project32, uniforms] })
  }

  override initializeState(): void {
    const model = new Model(this.context.device, { ...this.getShaders(), id: this.props.id, bufferLayout: [], topology: 'triangle-list', vertexCount: 0 })
    this.setState({ model, rows: 0 })
  }

  override updateState(parameters: UpdateParameters<this>): void {
    super.updateState(parameters)
    const { props, oldProps } = parameters
    if (props.version !== oldProps.version || this.state.rows === 0) this.upload()
  }

  private upload(): void {
    const { count, places, looks } = this.props
    const capacity = places.length / 4
    if (this.state.rows * ROW < capacity) this.allocate(capacity / ROW)
    const height = Math.ceil(count / ROW)
    if (!height) return
    this.state.places!.writeData(places, { width: ROW, height, bytesPerRow: ROW * 16 })
    this.state.looks!.writeData(looks, { width: ROW, height, bytesPerRow: ROW * 8 })
  }

  private allocate(rows: number): void {
    this.state.places?.destroy()
    this.state.looks?.destroy()
    const make = (format: 'rgba32float' | 'rg32uint'): Texture =>
      this.context.device.createTexture({ format, width: ROW, height: rows, sampler: { minFilter: 'nearest', magFilter: 'nearest' } })
    const textures = { places: make('rgba32float'), looks: make('rg32uint') }
    this.state.model.setBindings(textures)
    this.setState({ ...textures, rows })
  }

  override draw(): void {
    const { count, size, strength, halo, casing, alarm } = this.props
    if (!count) return
    const { model } = this.state
    model.setVertexCount(count * CORNERS)
    model.shaderInputs.setProps({ mover: { size, strength, halo, casing: unit(casing), alarm: unit(alarm) } })
    model.draw(this.context.renderPass)
  }

  override finalizeState(context: Parameters<Layer['finalizeState']>[0]): void {
    super.finalizeState(context)
    this.state.places?.destroy()
    this.state.looks?.destroy()
  }
}
