-- Prints what wrk measured in one line: requests done, answers that were not 2xx, p50 and p95 in milliseconds.
done = function(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("bench requests=%d bad=%d p50=%.3f p95=%.3f\n",
    summary.requests, bad, latency:percentile(50) / 1000, latency:percentile(95) / 1000))
end
