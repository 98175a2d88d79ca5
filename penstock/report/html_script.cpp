#include "penstock/report/html_parts.h"

namespace penstock::report {
namespace {

// The page reads without it. One crosshair and one tooltip serve all plots; numbers come from the
// JSON that stands beside each drawing.
constexpr std::string_view kScript = R"js(
(() => {
'use strict';
const root = document.documentElement;
const dark = () => root.dataset.theme
  ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
document.getElementById('theme').addEventListener('click', () => {
  root.dataset.theme = dark() ? 'light' : 'dark';
  try { localStorage.setItem('penstock-theme', root.dataset.theme); } catch (e) { /* private */ }
});
addEventListener('beforeprint', () => {
  document.querySelectorAll('details').forEach(d => { d.open = true; });
});

const tip = document.getElementById('tip');
const element = (tag, name, text) => {
  const e = document.createElement(tag);
  if (name) e.className = name;
  if (text !== undefined) e.textContent = text;
  return e;
};
const hide = () => tip.classList.remove('on');
const show = (x, y) => {
  tip.classList.add('on');
  const w = tip.offsetWidth, h = tip.offsetHeight;
  tip.style.left = Math.max(4, x + 16 + w > innerWidth ? x - 16 - w : x + 16) + 'px';
  tip.style.top = Math.max(4, Math.min(y - h / 2, innerHeight - h - 4)) + 'px';
};

const number = v => {
  const a = Math.abs(v);
  if (a !== 0 && (a >= 1e15 || a < 1e-4)) return v.toExponential(3);
  const d = a === 0 || Number.isInteger(v) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(a)));
  return v.toLocaleString('en-US', {minimumFractionDigits: d, maximumFractionDigits: d});
};
// the scale of the unit that keeps the number readable: [from, divisor, before, after]
const human = (v, axis) => {
  if (v === null || !Number.isFinite(v)) return 'n/a';
  let use = axis.s.find(s => s[1] >= 1) || axis.s[0];
  if (v !== 0 || axis.s[0][3] === '%') {
    use = axis.s[0];
    for (const s of axis.s) if (Math.abs(v) >= s[0]) use = s;
  }
  const text = number(v / use[1]);
  const sign = text.startsWith('-') ? '-' : '';
  const unit = axis.one && text !== '1' ? use[3].replace(axis.one, axis.many) : use[3];
  return sign + use[2] + text.slice(sign.length) + (unit ? ' ' + unit : '');
};

const place = (v, axis) => axis.log
  ? (v > 0 ? Math.log(v / axis.a) / Math.log(axis.b / axis.a) : 0)
  : (v - axis.a) / (axis.b - axis.a);
const value = (f, axis) => axis.log
  ? axis.a * Math.pow(axis.b / axis.a, f) : axis.a + f * (axis.b - axis.a);
const nearest = (xs, x) => {
  let lo = 0, hi = xs.length - 1;
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (xs[mid] < x) lo = mid; else hi = mid;
  }
  return Math.abs(xs[lo] - x) <= Math.abs(xs[hi] - x) ? lo : hi;
};
const heightAt = (xs, ys, x) => {
  if (x < xs[0] || x > xs[xs.length - 1]) return null;
  const i = nearest(xs, x);
  if (xs[i] === x || xs.length === 1) return ys[i];
  const j = xs[i] < x ? i + 1 : i - 1;
  return ys[i] + (ys[j] - ys[i]) * (x - xs[i]) / (xs[j] - xs[i]);
};

document.querySelectorAll('[data-xy]').forEach(figure => {
  const source = figure.querySelector('script');
  if (!source) return;
  const area = figure.querySelector('.area');
  let data = null, marks = [], at = -1;
  const load = () => {
    if (data) return;
    data = JSON.parse(source.textContent);
    const lists = data.xs.map(x => Array.isArray(x) ? x
      : Array.from({length: x.c}, (_, i) => x.f + i * x.d));
    data.l.forEach(l => { l.x = lists[l.i]; });
    // the crosshair stops where any line has a point; arrow keys walk these from left to right
    const lines = data.l.filter(l => !l.g);
    data.walk = data.k === 'scatter'
      ? lines.flatMap(l => l.x.map((x, i) => ({l, i, x}))).sort((p, q) => p.x - q.x)
      : [...new Set(lines.flatMap(l => l.x))].sort((p, q) => p - q);
  };
  const clear = () => { marks.forEach(m => m.remove()); marks = []; };
  const dot = (line, x, y) => {
    const m = element('div', 'dot ' + line.c);
    m.style.left = 100 * place(x, data.x) + '%';
    m.style.top = 100 * (1 - place(y, data.y)) + '%';
    marks.push(area.appendChild(m));
  };
  const row = (line, name, text) => {
    const r = element('tr'), n = element('td');
    if (line) n.append(element('i', 'k ' + line.c));
    n.append(name);
    r.append(n, element('td', '', text));
    return r;
  };
  const fill = (title, rows) => {
    const table = element('table');
    table.append(...rows);
    tip.replaceChildren(element('div', '', title), table);
  };
  const placeTip = (x, y) => {
    const box = area.getBoundingClientRect();
    show(box.left + place(x, data.x) * box.width, box.top + y * box.height);
  };
  const drawPoint = p => {
    clear();
    const y = p.l.y[p.i];
    dot(p.l, p.x, y);
    fill(p.l.n + (p.l.t && p.l.t[p.i] ? ': ' + p.l.t[p.i] : ''),
      [row(null, data.x.n, human(p.x, data.x)), row(null, data.y.n, human(y, data.y))]);
    placeTip(p.x, 1 - place(y, data.y));
  };
  const drawAt = (x, y) => {
    clear();
    const cross = element('div', 'cross');
    cross.style.left = 100 * place(x, data.x) + '%';
    marks.push(area.appendChild(cross));
    let sum = 0;
    const rows = [];
    data.l.forEach(line => {
      const h = heightAt(line.x, line.y, x);
      if (h === null) return;
      if (data.k === 'stacked' && !line.g) sum += h;
      if (!line.g) dot(line, x, data.k === 'stacked' ? sum : h);
      rows.push(row(line, line.n, human(h, data.y)));
    });
    if (data.k === 'stacked' && rows.length > 1) {
      rows.push(row(null, 'together', human(sum, data.y)));
    }
    const name = data.x.n ? data.x.n + ' ' : '', up_to = data.k === 'cdf' ? '≤ ' : '';
    fill(name + up_to + human(x, data.x), rows);
    placeTip(x, y);
  };
  area.addEventListener('pointermove', event => {
    load();
    const box = area.getBoundingClientRect();
    const fx = (event.clientX - box.left) / box.width, fy = (event.clientY - box.top) / box.height;
    if (!data.walk.length) return;
    if (data.k === 'scatter') {
      const far = p => Math.hypot((place(p.x, data.x) - fx) * box.width,
        (1 - place(p.l.y[p.i], data.y) - fy) * box.height);
      drawPoint(data.walk.reduce((a, p) => (far(p) < far(a) ? p : a)));
    } else {
      drawAt(data.walk[nearest(data.walk, value(fx, data.x))], fy);
    }
  });
  const leave = () => { clear(); hide(); };
  area.addEventListener('pointerleave', leave);
  figure.addEventListener('blur', leave);
  figure.addEventListener('keydown', event => {
    load();
    const last = data.walk.length - 1;
    const step = {ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20, Home: -1e9, End: 1e9};
    if (event.key === 'Escape') { leave(); return; }
    if (!(event.key in step) || last < 0) return;
    event.preventDefault();
    at = Math.max(0, Math.min(last, at + step[event.key]));
    if (data.k === 'scatter') drawPoint(data.walk[at]); else drawAt(data.walk[at], 0.3);
  });
});

document.addEventListener('pointermove', event => {
  const t = event.target.closest && event.target.closest('[data-t]');
  if (t) {
    tip.textContent = t.dataset.t;
    show(event.clientX, event.clientY);
  } else if (!event.target.closest || !event.target.closest('.area')) {
    hide();
  }
});

document.querySelectorAll('table.sortable').forEach(table => {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const sort = index => {
    const head = heads[index];
    const down = head.getAttribute('aria-sort') === 'ascending'
      || (!head.hasAttribute('aria-sort') && head.classList.contains('n'));
    heads.forEach(h => h.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const key = row => {
      const cell = row.cells[index];
      return cell.dataset.v !== undefined ? parseFloat(cell.dataset.v) : cell.textContent;
    };
    const order = (a, b) => (typeof a === 'number' && typeof b === 'number'
      ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true}));
    const rows = [...body.rows].sort((a, b) => order(key(a), key(b)) * (down ? -1 : 1));
    body.append(...rows);
  };
  heads.forEach((head, index) => {
    head.tabIndex = 0;
    head.addEventListener('click', () => sort(index));
    head.addEventListener('keydown', event => { if (event.key === 'Enter') sort(index); });
  });
});
})();
)js";

}  // namespace

std::string_view html_script() { return kScript; }

}  // namespace penstock::report
