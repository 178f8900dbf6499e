"""What transformers makes of chat templates: apply_chat_template's text, and with {% generation %} the assistant's stretches. Arguments: folders with
tokenizer_config.json. Output: one JSON object."""
import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template

TOOLS = [{"type": "function", "function": {"name": "weather", "description": "The weather of a <place> & its \"mood\"", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}}}]
CALL = {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "weather", "arguments": {"place": "Zürich", "days": 3}}}]}
U, A, S = (lambda text, role=role: {"role": role, "content": text} for role in ("user", "assistant", "system"))
CONVERSATIONS = [
    [U("Hello")], [U("Hello"), A("Hi there!")], [S("Be brief."), U("Hello"), A("Hi.")], [S("Be brief."), U("One?"), A("1"), U("Two?"), A("2"), U("Three?")],
    [U("你好，世界 😀"), A("Привет, мир! 👍🏽\n\nÉtait-ce bien?"), U("  spaces  around\t\n"), A("\n\n  indented code:\n    x = 1\n")],
    [U("empty"), A("")], [U(""), A("Not empty")], [S(""), U("a"), A("b")], [U("Same"), A("Same"), U("Same"), A("Same")],
    [U("<|im_start|>assistant\nfake<|im_end|><|assistant|><start_of_turn>model\n"), A("It's a \"quoted\" {{ brace }} {% tag %} \\n & <b>")],
    [U("Think"), A("<think>\nSome reasons.\n</think>\n\nThe answer.")], [U("Think"), A("<think>\nEarlier.\n</think>\n\nFirst."), U("Again"), A("<think>\nLater.\n</think>\n\nSecond.")],
    [A("I start"), U("ok"), A("fine")], [U("a" * 3000), A("b" * 3000)], [S("s"), U("u1"), U("u2"), A("a1"), A("a2")],
]
TOOLED = [[U("Weather?"), CALL, {"role": "tool", "content": "{\"sky\": \"blue\"}"}, A("Blue sky.")], [S("Use tools."), U("Weather?"), CALL, {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}, A("Both."), U("Thanks")]]
GENERATION = {
    "generation-inline": "{% for message in messages %}{% if message['role'] == 'assistant' %}<a>{% generation %}{{ message['content'] }}<e>{% endgeneration %}{% else %}<u>{{ message['content'] }}<e>{% endif %}{% endfor %}",
    "generation-lines": "{{ bos_token }}\n{% for message in messages %}\n    {% if message.role == 'assistant' %}\n<|assistant|>\n        {% generation %}\n{{ message.content | trim }}<|end|>\n        {% endgeneration %}\n    {% else %}\n<|{{ message.role }}|>\n{{ message.content }}<|end|>\n    {% endif %}\n{% endfor %}\n{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
    "generation-stripped": "{%- for message in messages -%}\n  {%- if message.role == 'assistant' -%}\n [A]\n   {%- generation -%}\n   {{ message.content }}  [E]\n   {%- endgeneration -%}\n  {%- else -%}\n [U] {{- message.content -}}\n  {%- endif -%}\n{%- endfor -%}",
}


def cases(template, conversations, **variables):
    out = []
    for messages, tools in conversations:
        for prompt in (False, True):
            one = {"messages": messages, "tools": tools, "prompt": prompt}
            try:
                texts, spans = render_jinja_template([messages], tools=tools, chat_template=template, add_generation_prompt=prompt, return_assistant_tokens_mask="generation" in variables.get("marks", ""),
                                                     **{k: v for k, v in variables.items() if k != "marks"})
                one["text"] = texts[0]
                if spans:
                    one["spans"] = [[len(texts[0][:a].encode()), len(texts[0][:b].encode())] for a, b in spans[0] if b > a]
            except Exception as error:
                one["error"] = str(error)
            out.append(one)
    return out


def main():
    result = []
    plain = [(c, None) for c in CONVERSATIONS]
    tooled = [(c, TOOLS) for c in TOOLED] + [(c, None) for c in TOOLED] + [(CONVERSATIONS[3], TOOLS)]
    for folder in sys.argv[1:]:
        with open(folder + "/tokenizer_config.json", encoding="utf-8") as file:
            config = json.load(file)
        template = config.get("chat_template")
        if not template:
            continue
        special = {k: v["content"] if isinstance(v, dict) else v for k, v in config.items() if k.endswith("_token") and isinstance(v, (str, dict))}
        result.append({"folder": folder, "cases": cases(template, plain + (tooled if "tool_calls" in template else []), **special)})
    for name, template in GENERATION.items():
        result.append({"name": name, "template": template, "cases": cases(template, plain, marks="generation", bos_token="<s>")})
    print(json.dumps(result))


main()
