#include <fmt/format.h>

#include "penstock/report/html_parts.h"
#include "penstock/report/palette.h"

namespace penstock::report {
namespace {

constexpr std::string_view kBase = R"css(
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%;scroll-padding-top:60px}
body{margin:0;background:var(--page);color:var(--ink);
font:15px/1.5 Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",
Arial,sans-serif;font-variant-numeric:tabular-nums;-webkit-font-smoothing:antialiased}
main,.bar>div{max-width:1180px;margin:0 auto;padding:0 24px}
main{padding-bottom:64px}
a{color:inherit}
h1{font-size:28px;line-height:1.2;letter-spacing:-.02em;font-weight:680;margin:34px 0 6px;
overflow-wrap:anywhere}
h2{font-size:13px;letter-spacing:.07em;text-transform:uppercase;color:var(--muted);
font-weight:620;margin:40px 0 14px}
.lead{font-size:16px;color:var(--muted);margin:0 0 14px;max-width:76ch;overflow-wrap:anywhere}
.small,small{font-size:12.5px;color:var(--muted)}
.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.none{color:var(--muted);margin:14px 0 4px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
)css";

constexpr std::string_view kHead = R"css(
.bar{position:sticky;top:0;z-index:5;background:var(--page);
border-bottom:1px solid var(--line)}
.bar>div{display:flex;align-items:center;gap:22px;height:52px}
.brand{display:flex;align-items:center;gap:9px;font-weight:660;letter-spacing:-.01em;
text-decoration:none}
.brand svg{width:24px;height:24px;color:var(--accent);flex:none}
nav{display:flex;gap:18px;overflow-x:auto;scrollbar-width:none;flex:1;font-size:13.5px}
nav::-webkit-scrollbar{display:none}
nav a{text-decoration:none;color:var(--muted);white-space:nowrap;padding:4px 0}
nav a:hover{color:var(--ink)}
#theme{appearance:none;border:1px solid var(--line);background:var(--card);color:var(--ink);
border-radius:8px;width:34px;height:32px;cursor:pointer;flex:none;padding:6px}
#theme svg{display:block;width:100%;height:100%}
.facts{display:flex;flex-wrap:wrap;gap:6px 20px;margin:0;padding:0;list-style:none;
font-size:12.5px;color:var(--muted)}
.facts b{font-weight:500;color:var(--ink)}
.tiles{display:grid;gap:12px;margin-top:24px;
grid-template-columns:repeat(var(--n),minmax(0,1fr))}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:14px 16px 13px;display:flex;flex-direction:column;min-width:0}
.tile h3{margin:0;font-size:13px;font-weight:500;color:var(--muted);line-height:1.35}
.tile p{margin:auto 0 0;padding-top:6px;font-size:29px;line-height:1.15;font-weight:640;
letter-spacing:-.025em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.tile p span{font-size:14px;font-weight:500;letter-spacing:0;color:var(--muted);
margin-left:5px}
.band{margin-top:9px;font-size:12px;color:var(--muted);min-height:18px;display:flex;
align-items:center;gap:8px;white-space:nowrap}
.band i{position:relative;flex:1 1 60px;min-width:36px;max-width:96px;height:4px;
border-radius:2px;background:var(--line)}
.band i b{position:absolute;top:0;height:4px;border-radius:2px;background:var(--accent);
opacity:.45}
.band i u{position:absolute;left:50%;top:-3px;width:2px;height:10px;margin-left:-1px;
background:var(--ink);border-radius:1px}
.stop{border:1px solid var(--bad);border-left-width:5px;border-radius:12px;padding:16px 20px;
background:var(--card);margin-top:24px}
.stop h3{margin:0 0 4px;color:var(--bad);font-size:16px}
.stop p{margin:0;overflow-wrap:anywhere}
)css";

constexpr std::string_view kPlots = R"css(
.grid{display:grid;gap:14px;grid-template-columns:repeat(2,minmax(0,1fr))}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:16px 18px 14px;margin:0;min-width:0}
.wide{grid-column:1/-1}
.grid+.grid{margin-top:14px}
figcaption{font-weight:600;font-size:15px;line-height:1.35;margin-bottom:8px;
overflow-wrap:anywhere}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:3px 16px;margin:0 0 8px;padding:0;
font-size:13px;color:var(--ink)}
.k{display:inline-block;width:11px;height:11px;border-radius:3px;background:var(--c);
margin-right:7px;vertical-align:-1px}
.k.cg{height:0;border-radius:0;background:none;border-top:2px dashed var(--muted);width:15px;
vertical-align:4px}
.al{font-size:12px;color:var(--muted);margin-bottom:8px}
.yl{margin-top:auto}
figure.card{display:flex;flex-direction:column}
.xl{text-align:right;margin:1px 0 0}
.frame{display:grid;grid-template-columns:calc(var(--g) + 2px) minmax(0,1fr);column-gap:8px;
font-size:12px;color:var(--muted);padding-right:4px}
.area{position:relative;height:236px}
.area svg{position:absolute;inset:0;width:100%;height:100%;overflow:hidden;display:block}
.yt{position:relative}
.yt span{position:absolute;right:0;transform:translateY(-50%);line-height:1;white-space:nowrap}
.xt{grid-column:2;position:relative;height:22px}
.xt span,.bx span{position:absolute;top:7px;transform:translateX(-50%);line-height:1;
white-space:nowrap}
.xt .e,.bx .e{transform:translateX(-100%)}
.xt .s,.bx .s{transform:none}
.area path{vector-effect:non-scaling-stroke;fill:none;stroke-linejoin:round}
.g{stroke:var(--line);stroke-width:1}
.g2{stroke:var(--line);stroke-width:1;opacity:.55}
.h{stroke:var(--muted);stroke-width:1;stroke-dasharray:1 4;stroke-linecap:round;opacity:.8}
.area .l{stroke:var(--c);stroke-width:1.75;stroke-linecap:round}
.area .l.cg{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:6 5}
.area .f{fill:var(--c);stroke:var(--card);stroke-width:1}
.area .s{fill:var(--c);opacity:.13}
.area .m{stroke:var(--c);stroke-width:8;stroke-linecap:round}
.area .p{stroke:var(--c);stroke-width:9;stroke-linecap:round}
.area .p.q{stroke-linecap:square;stroke-width:7}
.pm{position:absolute;left:4px;font-size:11px;line-height:1;
transform:translateY(calc(100% + 3px))}
.pl{position:absolute;font-size:11px;line-height:1;transform:translate(8px,50%);
color:var(--ink);white-space:nowrap;pointer-events:none}
.pl.w{transform:translate(calc(-100% - 8px),50%)}
.bars{display:grid;grid-template-columns:minmax(0,max-content) minmax(0,1fr) max-content;
gap:0 12px;font-size:13px;position:relative}
.br{display:contents}
.bl,.bt,.bv,.bx,.bxl{grid-row:var(--r)}
.bl{grid-column:1;padding:5px 0;align-self:center;max-width:300px;overflow-wrap:anywhere;
line-height:1.3;
white-space:pre-wrap}
.bt{grid-column:2;position:relative;display:flex;align-self:center;height:20px}
.bt i{height:100%;background:var(--c);border-right:1px solid var(--card);min-width:1px;
print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bt i:last-child{border-radius:0 3px 3px 0}
.bt i.a{position:absolute;border-right:0}
.tl .bt{height:16px}
.tl .bl{font-size:12.5px}
.bv{grid-column:3;padding:5px 0;text-align:right;align-self:center;white-space:nowrap}
.gl{grid-column:2;position:relative;pointer-events:none}
.gl i{position:absolute;top:0;bottom:0;border-left:1px solid var(--line)}
.bx{grid-column:2;position:relative;height:22px;font-size:12px;color:var(--muted)}
.bxl{grid-column:2;text-align:right;margin:0}
.c0{--c:var(--rest)}.cg{--c:var(--muted)}
)css";

constexpr std::string_view kTables = R"css(
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
th,td{padding:6px 14px 6px 0;text-align:left;border-bottom:1px solid var(--line);
vertical-align:baseline;overflow-wrap:break-word}
.d{white-space:nowrap}
th:last-child,td:last-child{padding-right:2px}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--muted);font-weight:500;font-size:12.5px;vertical-align:bottom;
overflow-wrap:normal}
th small{display:block;font-weight:400;font-size:11.5px}
.n{text-align:right;white-space:nowrap}
td.sh{background:linear-gradient(var(--tint),var(--tint)) no-repeat 0 6px/var(--w) 20px}
.sortable thead th{cursor:pointer}
.sortable thead th:hover{color:var(--ink)}
th[aria-sort]{color:var(--ink)}
th[aria-sort=ascending]::after{content:" ↑"}
th[aria-sort=descending]::after{content:" ↓"}
.q{font-size:13px;margin:0 0 10px;width:auto;min-width:60%}
.q th,.q td{padding:2px 16px 2px 0;border:0}
.q th[scope=row]{font-weight:400;white-space:nowrap}
.books{list-style:none;margin:0;padding:0}
.books li{display:grid;grid-template-columns:22px minmax(90px,230px) minmax(0,1fr);gap:4px 10px;
padding:7px 0;border-bottom:1px solid var(--line);align-items:baseline}
.books li:last-child{border:0}
.books b{font-weight:560}
.tick{width:17px;height:17px;align-self:center;color:var(--good)}
.books .no .tick{color:var(--bad)}
.books .no{color:var(--bad)}
.eq{color:var(--muted);padding:0 5px}
.conf{white-space:nowrap}
.conf::before{content:"●";margin-right:6px;color:var(--good)}
.conf.medium::before{color:var(--muted);content:"◐"}
.conf.low::before{color:var(--warn);content:"○"}
.conf.low{color:var(--warn);font-weight:560}
.notes{margin:0;padding-left:20px}
.notes li{margin:4px 0;overflow-wrap:anywhere}
details{background:var(--card);border:1px solid var(--line);border-radius:12px;margin-top:12px}
summary{cursor:pointer;padding:12px 18px;font-weight:560;font-size:14px}
details>div{padding:0 18px 14px}
pre{margin:0;padding:2px 18px 16px;overflow-x:auto;font-size:12.5px;line-height:1.55}
pre b{font-weight:500;color:var(--accent)}
pre i{color:var(--muted);font-style:normal}
footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--line)}
#tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--page);
font-size:12.5px;line-height:1.45;padding:7px 10px;border-radius:8px;max-width:min(360px,90vw);
box-shadow:0 4px 18px rgb(0 0 0/.22);opacity:0}
#tip.on{opacity:1}
#tip table{width:auto;font-size:12.5px}
#tip td{padding:0 10px 0 0;border:0}
#tip td:last-child{padding:0;text-align:right;white-space:nowrap}
#tip .k{box-shadow:0 0 0 1px rgb(128 128 128/.5)}
.cross{position:absolute;top:0;bottom:0;width:0;border-left:1px solid var(--muted);
pointer-events:none}
.dot{position:absolute;width:9px;height:9px;margin:-5px 0 0 -5px;border-radius:50%;
background:var(--c);border:2px solid var(--card);pointer-events:none;box-sizing:content-box}
)css";

constexpr std::string_view kSmallAndPaper = R"css(
@media (max-width:960px){.tiles{grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}}
@media (max-width:820px){.grid{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){
main,.bar>div{padding-left:14px;padding-right:14px}
main{padding-bottom:40px}
.bar>div{gap:12px}
.brand span{display:none}
h1{font-size:23px;margin-top:24px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:8px}
.tile{padding:11px 12px}
.tile p{font-size:21px;white-space:normal}
.tile p span{font-size:12px}
.band i{display:none}
.card{padding:13px 12px 11px}
.area{height:200px}
.xt .o,.pl{display:none}
.bars{grid-template-columns:minmax(0,1fr) max-content}
.bl,.bt,.bv,.bx,.bxl{grid-row:auto}
.bl{grid-column:1/-1;padding:7px 0 1px;max-width:none}
.bt,.bx,.bxl{grid-column:1}
.bv{grid-column:2;padding:0}
.gl{display:none}
.books li{grid-template-columns:22px minmax(0,1fr)}
.books li>span{grid-column:2}
}
@page{margin:13mm}
@media print{
:root,:root[data-theme]{color-scheme:light}
body{font-size:11.5px;background:#fff}
main{max-width:none;padding:0}
.bar,#tip,.cross,.dot{display:none}
h1{font-size:22px;margin-top:0}
h2{margin:22px 0 8px;break-after:avoid}
.card,.tile,details{border-color:#cbd3d9}
.card,.tile,.books li,tr,.notes li{break-inside:avoid}
.card:has(table.sortable){break-inside:auto}
.grid{gap:8px;grid-template-columns:repeat(2,minmax(0,1fr))}
summary{break-after:avoid}
.area{height:170px}
td.sh{background-position:0 4px;background-size:var(--w) 13px}
.tiles{grid-template-columns:repeat(4,minmax(0,1fr));gap:8px;margin-top:14px}
.tile{padding:9px 11px}
.tile p{font-size:20px;white-space:normal}
.tile p span{font-size:11px}
.tile h3{font-size:11px}
figcaption{font-size:13px}
.scroll,pre{overflow:visible}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:10px}
table,.legend,.bars{font-size:10.5px}
th,td{padding:3px 9px 3px 0;overflow-wrap:anywhere}
details::details-content{content-visibility:visible!important;display:block!important}
.k,.bt i,.band i,.band i b,td.sh{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

std::string variables(const Palette& palette, std::string_view tint) {
  std::string out = fmt::format(
      "--page:{};--card:{};--ink:{};--muted:{};--line:{};--accent:{};--good:{};--bad:{};"
      "--warn:{};--rest:{};--tint:{};",
      palette.page, palette.card, palette.ink, palette.muted, palette.line, palette.accent,
      palette.good, palette.bad, palette.warn, palette.rest, tint);
  for (size_t i = 0; i < palette.series.size(); ++i) {
    out += fmt::format("--c{}:{};", i + 1, palette.series.at(i));
  }
  return out;
}

}  // namespace

std::string html_style() {
  const std::string light = variables(kLightPalette, "rgb(29 111 192/.16)");
  const std::string dark = variables(kDarkPalette, "rgb(92 176 242/.22)");
  std::string out = fmt::format(":root{{{}}}", light);
  out += fmt::format("@media (prefers-color-scheme:dark){{:root{{{}}}}}", dark);
  out += fmt::format(":root[data-theme=light]{{color-scheme:light;{}}}", light);
  out += fmt::format(":root[data-theme=dark]{{color-scheme:dark;{}}}", dark);
  // paper is white whatever the screen was
  out += fmt::format("@media print{{:root,:root[data-theme]{{{}}}}}", light);
  for (size_t i = 1; i <= kLightPalette.series.size(); ++i) {
    out += fmt::format(".c{}{{--c:var(--c{})}}", i, i);
  }
  out += kBase;
  out += kHead;
  out += kPlots;
  out += diagram_style();
  out += kTables;
  out += kSmallAndPaper;
  return out;
}

}  // namespace penstock::report
