-- One line for load/bench/wrk.py, written when wrk is done. Nothing here runs per request.
local line = 'report {"requests": %d, "bytes": %d, "seconds": %.6f, "status": %d, "connect": %d, '
  .. '"read": %d, "write": %d, "timeout": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n'

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(line:format(
    summary.requests, summary.bytes, summary.duration / 1e6, errors.status, errors.connect,
    errors.read, errors.write, errors.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
