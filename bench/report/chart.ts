import { type EChartsOption, init } from 'echarts';

const GREY = '#8a94a3';
const PRODUCT_COLOR = '#1f6feb';
const FONT = 'system-ui, sans-serif';

/** One bar per contender. This product is blue; a wrong result is marked in the label. */
export type Bar = { label: string; value: number; note: string; isProduct: boolean };
export type Panel = { title: string; bars: readonly Bar[] };

/** Panels side by side over the same contenders, the first at the top. Returns SVG text. */
export function barChart(title: string, panels: readonly Panel[]): string {
  const count = Math.max(...panels.map(({ bars }) => bars.length));
  const [width, left, gap] = [900, 190, 70];
  const each = (width - left - gap * panels.length) / panels.length;
  const grids = panels.map((_, index) => ({
    left: left + index * (each + gap),
    width: each,
    top: 70,
    bottom: 20,
  }));
  return render(width, 100 + count * 34, {
    title: [heading(title), ...panels.map((panel, i) => heading(panel.title, grids[i]?.left, 42))],
    grid: grids,
    xAxis: panels.map((_, gridIndex) => ({ type: 'value', gridIndex, show: false })),
    yAxis: panels.map(({ bars }, gridIndex) => ({
      type: 'category',
      gridIndex,
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLabel: { show: gridIndex === 0, color: '#24292f', fontSize: 13, fontFamily: FONT },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: '#c4cad1' } },
    })),
    series: panels.map(({ bars }, index) => ({
      type: 'bar',
      xAxisIndex: index,
      yAxisIndex: index,
      barWidth: 20,
      data: bars.map(({ value, note, isProduct }) => ({
        value,
        itemStyle: { color: isProduct ? PRODUCT_COLOR : GREY },
        label: { show: true, position: 'right', formatter: note, color: '#24292f' },
      })),
    })),
  });
}

export type Line = { label: string; color: string; points: readonly (readonly [number, number])[] };

/** Lines over rows, both axes logarithmic. Returns SVG text. */
export function lineChart(title: string, unit: string, lines: readonly Line[]): string {
  return render(900, 420, {
    title: heading(title),
    legend: { top: 30, right: 30, itemGap: 32, textStyle: { fontFamily: FONT, fontSize: 13 } },
    grid: { left: 70, right: 40, top: 80, bottom: 50 },
    xAxis: { type: 'log', name: 'rows in the lake', nameLocation: 'middle', nameGap: 32 },
    yAxis: { type: 'log', name: unit, nameTextStyle: { align: 'right' } },
    series: lines.map(({ label, color, points }) => ({
      name: label,
      type: 'line',
      symbol: 'circle',
      symbolSize: 7,
      color,
      data: points.map((point) => [...point]),
    })),
  });
}

const heading = (text: string, left = 16, top = 10) => ({
  text,
  left,
  top,
  textStyle: { fontSize: top === 10 ? 16 : 13, fontFamily: FONT, color: '#24292f' },
});

function render(width: number, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option });
    return `${still(chart.renderToSVGString())}\n`;
  } finally {
    // A chart that is not disposed of keeps the process alive.
    chart.dispose();
  }
}

/** Removes hover effects, and renames ids that depend on how many charts were drawn before. */
const still = (svg: string): string =>
  svg
    .replace(/<style ?>[^]*?<\/style>\n?/, '')
    .replaceAll(/ class="zr\d+-cls-\d+"/g, '')
    .replaceAll(/zr\d+-/g, 'zr-');
