// The original HdrHistogram's side of the interop test; arguments and output as hdr_interop.cpp's,
// and "copy FROM TO": reads a log and writes it again with its own writer.
import java.io.File;
import java.io.PrintStream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.HdrHistogram.HistogramLogWriter;

public class HdrInterop {
  static final double[] PERCENTILES = {0, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100};

  public static void main(String[] args) throws Exception {
    HistogramLogReader reader = new HistogramLogReader(new File(args[1]));
    if (args[0].equals("describe")) {
      describe(reader);
    } else if (args[0].equals("percentiles")) {
      percentiles(reader);
    } else {
      copy(reader, args[2]);
    }
  }

  static void describe(HistogramLogReader reader) {
    for (EncodableHistogram e; (e = reader.nextIntervalHistogram()) != null; ) {
      Histogram h = (Histogram) e;
      StringBuilder line = new StringBuilder(h.getTag() == null ? "-" : h.getTag());
      line.append('\t').append(h.getTotalCount());
      line.append('\t').append(h.getTotalCount() == 0 ? 0 : h.getValueAtPercentile(0));
      line.append('\t').append(h.getTotalCount() == 0 ? 0 : h.getMaxValue());
      for (double p : PERCENTILES) {
        String name = p == Math.rint(p) ? Long.toString((long) p) : Double.toString(p);
        long value = h.getTotalCount() == 0 ? 0 : h.getValueAtPercentile(p);
        line.append('\t').append(name).append('=').append(value);
      }
      System.out.println(line);
    }
  }

  static void percentiles(HistogramLogReader reader) {
    Histogram all = null;
    for (EncodableHistogram e; (e = reader.nextIntervalHistogram()) != null; ) {
      if (all == null) {
        all = ((Histogram) e).copy();
      } else {
        all.add((Histogram) e);
      }
    }
    all.outputPercentileDistribution(System.out, 1e6);
  }

  static void copy(HistogramLogReader reader, String to) throws Exception {
    try (PrintStream out = new PrintStream(to)) {
      HistogramLogWriter writer = new HistogramLogWriter(out);
      writer.outputLogFormatVersion();
      boolean headed = false;
      for (EncodableHistogram e; (e = reader.nextIntervalHistogram()) != null; ) {
        if (!headed) {
          writer.outputStartTime((long) (reader.getStartTimeSec() * 1000));
          writer.setBaseTime((long) (reader.getStartTimeSec() * 1000));
          writer.outputLegend();
          headed = true;
        }
        writer.outputIntervalHistogram(e);
      }
    }
  }
}
