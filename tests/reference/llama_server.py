"""Asks llama-server through its chat API, as any client of OpenAI's would.

usage: llama_server.py FILE.gguf TOKENS QUESTION...

Starts the server on a free port of this machine, asks each question greedily, and ends it. Prints a JSON list of the
answers.
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

file, tokens, *questions = sys.argv[1:]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
command = ["llama-server", "-m", file, "--host", "127.0.0.1", "--port", str(port), "-t", "1", "-c", "256", "-np", "1",
           "-ctk", "f32", "-ctv", "f32", "-fa", "off", "--jinja"]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def asked(path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body and json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


try:
    for _ in range(300):
        if server.poll() is not None:
            sys.exit("llama-server ended: " + server.stderr.read()[-2000:])
        try:
            asked("/health")
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    answers = []
    for question in questions:
        reply = asked("/v1/chat/completions", {"messages": [{"role": "user", "content": question}], "temperature": 0,
                                               "max_tokens": int(tokens)})
        answers.append(reply["choices"][0]["message"]["content"])
    print(json.dumps(answers))
finally:
    server.kill()
    server.wait()
