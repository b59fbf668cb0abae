/**
 * Movers as deck.gl instances: an arrow by heading while moving, a square when stopped, a hollow ring when stale, and
 * an outer ring for a device alarm. All attributes are typed arrays owned by `live/movers`; nothing is made per mover.
 */
import { Layer, project32, type DefaultProps, type LayerProps } from '@deck.gl/core'
import { Geometry, Model } from '@luma.gl/engine'

type Rgba = [number, number, number, number]

export interface MoverData {
  length: number
  attributes: Record<string, { value: Float32Array | Uint8Array; size: number; normalized?: boolean }>
}

interface OwnProps {
  data: MoverData
  /** Half the length of an arrow, pixels. */
  size: number
  casing: Rgba
  alarm: Rgba
  /** 1 is opaque; less while a track is in the foreground. */
  strength: number
}

const block = `\
layout(std140) uniform moverUniforms {
  vec4 casing;
  vec4 alarm;
  float size;
  float strength;
} mover;
`

const uniforms = {
  name: 'mover',
  vs: block,
  fs: block,
  uniformTypes: { casing: 'vec4<f32>', alarm: 'vec4<f32>', size: 'f32', strength: 'f32' },
} as const

const vs = `#version 300 es
#define SHADER_NAME mover-layer-vertex
in vec2 positions;
in vec2 instanceLonLat;
in vec2 instanceLow;
in vec4 instanceColors;
in vec4 instanceMarks;
out vec4 vColor;
out vec2 vAt;
flat out float vState;
flat out float vAlarm;
void main(void) {
  vec4 marks = floor(instanceMarks * 255.0 + 0.5);
  vState = marks.y;
  vAlarm = marks.z;
  vColor = instanceColors;
  if (instanceColors.a == 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float reach = vAlarm > 0.0 ? 2.1 : 1.35;
  vAt = positions * reach;
  float turn = vState == 0.0 ? radians(marks.x * 2.0) : 0.0;
  vec2 corner = vec2(vAt.x * cos(turn) + vAt.y * sin(turn), vAt.y * cos(turn) - vAt.x * sin(turn)) * mover.size;
  geometry.worldPosition = vec3(instanceLonLat, 0.0);
  gl_Position = project_position_to_clipspace(vec3(instanceLonLat, 0.0), vec3(instanceLow, 0.0), vec3(0.0), geometry.position);
  gl_Position.xy += project_pixel_size_to_clipspace(corner);
}
`

const fs = `#version 300 es
#define SHADER_NAME mover-layer-fragment
precision highp float;
in vec4 vColor;
in vec2 vAt;
flat in float vState;
flat in float vAlarm;
out vec4 fragColor;

float edge(vec2 p, vec2 a, vec2 b) {
  vec2 along = b - a;
  return (along.x * (p.y - a.y) - along.y * (p.x - a.x)) / length(along);
}

// Signed distance, negative inside; x is mirrored, so half the arrow is enough.
float arrow(vec2 p) {
  p.x = abs(p.x);
  float side = -edge(p, vec2(0.76, -0.9), vec2(0.0, 1.12));
  float back = -edge(p, vec2(0.0, -0.45), vec2(0.76, -0.9));
  return max(side, back);
}

void main(void) {
  float px = 1.0 / mover.size;
  float radius = length(vAt);
  float shape = vState == 0.0 ? arrow(vAt)
    : vState == 1.0 ? max(abs(vAt.x), abs(vAt.y)) - 0.6
    : abs(radius - 0.55) - 0.2;
  float body = 1.0 - smoothstep(-px * 0.5, px * 0.5, shape);
  float halo = 1.0 - smoothstep(px * 0.5, px * 1.5, shape);
  vec4 made = vec4(mover.casing.rgb, mover.casing.a * halo);
  made = mix(made, vColor, body);
  if (vAlarm > 0.0) {
    float width = 0.12 + 0.09 * vAlarm;
    float ring = 1.0 - smoothstep(width, width + px, abs(radius - 1.6));
    made = mix(made, mover.alarm, ring);
  }
  made.a *= mover.strength;
  if (made.a < 0.02) discard;
  fragColor = made;
}
`

const defaultProps: DefaultProps<OwnProps> = {
  size: 6,
  strength: 1,
  casing: { type: 'color', value: [255, 255, 255, 230] },
  alarm: { type: 'color', value: [176, 48, 140, 255] },
}

const unit = (color: Rgba): Rgba => color.map((x) => x / 255) as Rgba

export class MoverLayer extends Layer<OwnProps & LayerProps> {
  static override layerName = 'MoverLayer'
  static override defaultProps = defaultProps
  declare state: { model: Model }

  override getShaders(): ReturnType<Layer['getShaders']> {
    return super.getShaders({ vs, fs, modules: [project32, uniforms] })
  }

  override initializeState(): void {
    this.getAttributeManager()!.addInstanced({
      instanceLonLat: { size: 2, type: 'float32', noAlloc: true },
      instanceLow: { size: 2, type: 'float32', noAlloc: true },
      instanceColors: { size: 4, type: 'unorm8', noAlloc: true },
      instanceMarks: { size: 4, type: 'unorm8', noAlloc: true },
    })
    this.setState({ model: this.makeModel() })
  }

  override draw(): void {
    const { size, strength, casing, alarm } = this.props
    const { model } = this.state
    model.shaderInputs.setProps({ mover: { size, strength, casing: unit(casing), alarm: unit(alarm) } })
    model.draw(this.context.renderPass)
  }

  private makeModel(): Model {
    return new Model(this.context.device, {
      ...this.getShaders(),
      id: this.props.id,
      bufferLayout: this.getAttributeManager()!.getBufferLayouts(),
      geometry: new Geometry({
        topology: 'triangle-strip',
        attributes: { positions: { size: 2, value: new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]) } },
      }),
      isInstanced: true,
    })
  }
}
