// The side of npm's hdr-histogram-js; arguments and output as hdr_interop.cpp's, and
// "copy FROM TO": reads a log and writes it again with its own writer.
import { readFileSync, writeFileSync } from "node:fs";
import hdr from "hdr-histogram-js";

const percentiles = [0, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];
const [command, from, to] = process.argv.slice(2);
const reader = new hdr.HistogramLogReader(readFileSync(from, "utf8"), 64);
const histograms = [];
for (let h; (h = reader.nextIntervalHistogram()) !== null; ) histograms.push(h);

if (command === "describe") {
  for (const h of histograms) {
    const some = h.totalCount > 0;
    const line = [h.tag === "NO TAG" ? "-" : h.tag, h.totalCount];
    // Not maxValue: after decoding, it lies one unit above the highest bucket.
    line.push(some ? h.getValueAtPercentile(0) : 0, some ? h.getValueAtPercentile(100) : 0);
    for (const p of percentiles) line.push(`${p}=${some ? h.getValueAtPercentile(p) : 0}`);
    console.log(line.join("\t"));
  }
} else {
  let text = "";
  const writer = new hdr.HistogramLogWriter((part) => (text += part));
  writer.outputLogFormatVersion();
  writer.outputStartTime(histograms[0].startTimeStampMsec);
  writer.baseTime = histograms[0].startTimeStampMsec;
  writer.outputLegend();
  for (const h of histograms) writer.outputIntervalHistogram(h);
  writeFileSync(to, text);
}
