-- One line for load/bench/wrk.py, written when wrk is done. With a file of paths, all of them are
-- asked for in turn, each thread beginning somewhere else; else nothing here runs per request.
local line = 'report {"requests": %d, "bytes": %d, "seconds": %.6f, "status": %d, "connect": %d, '
  .. '"read": %d, "write": %d, "timeout": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n'

local number = 0

function setup(thread)
  thread:set("number", number)
  number = number + 1
end

function init(args)
  if not args[1] then return end
  local requests = {}
  for path in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", path) end
  local turn = number * math.floor(#requests / 3)
  function request()
    turn = turn % #requests + 1
    return requests[turn]
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(line:format(
    summary.requests, summary.bytes, summary.duration / 1e6, errors.status, errors.connect,
    errors.read, errors.write, errors.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
