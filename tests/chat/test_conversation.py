"""A causal model in a chat: templates that refuse, and conversations as long as the model reads, or longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")

from textsynth.errors import OptionError
from textsynth.foundation.seeding import child_rng
from textsynth.pretrained.causal.conversation import Causal, Reply
from textsynth.pretrained.loading import Pretrained
from textsynth.pretrained.model_source import ModelSource
from textsynth.wording.symbol_sampling import Style

POSITIONS = 48
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}[{{ message['content'] }}]{% endfor %}"
)
SYSTEM, USER = {"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}

ChatModel = Callable[[str], Causal]


@pytest.fixture(scope="module")
def chat_model() -> ChatModel:
    """An untrained GPT-2 that has a position for each of 48 symbols, each a byte, and a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    from textsynth.training.loop import seed_torch

    letters = ["</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    bytewise = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    sizes: dict[str, Any] = {"n_positions": POSITIONS, "n_embd": 16, "n_layer": 1, "n_head": 2}
    with seed_torch(3, "tiny"):
        network = GPT2LMHeadModel(GPT2Config(vocab_size=len(letters), eos_token_id=0, bos_token_id=0, **sizes)).eval()

    def with_template(template: str) -> Causal:
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytewise, eos_token="</s>", pad_token="</s>")
        tokenizer.chat_template = template
        return Causal(Pretrained(network, tokenizer, ModelSource("tiny/gpt", "hub", None, 0, "nowhere")))

    return with_template


def replies(causal: Causal, *conversations: list[dict[str, str]], longest: int = 8) -> list[Reply]:
    return causal.chat(conversations, Style(0.0, 1.0, longest), child_rng(1))


def test_what_the_system_says_goes_before_the_question_if_a_template_knows_no_system(chat_model: ChatModel):
    causal = chat_model(NO_SYSTEM)
    (reply,) = replies(causal, [SYSTEM, USER])
    assert reply.prompt_tokens == len("[Be kind.  Hi]")
    assert [reply] == replies(causal, [{"role": "user", "content": "Be kind.\n\nHi"}])
    assert replies(causal, [SYSTEM]) == replies(causal, [{"role": "user", "content": "Be kind."}])


def test_what_the_system_says_stays_if_a_template_knows_it(chat_model: ChatModel):
    causal = chat_model("{% for message in messages %}({{ message['role'] }}){{ message['content'] }}{% endfor %}")
    (reply,) = replies(causal, [SYSTEM, USER])
    assert reply.prompt_tokens == len("(system)Be kind.(user)Hi")


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ raise_exception('I take\n tools alone') }}", "I take tools alone"),
        ("{{ messages[0].sender.name }}", "'dict object' has no attribute 'sender'"),
        ("{{ messages[0]['content'] + 1 }}", "can only concatenate str"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_a_template_that_fails_is_an_error_that_names_the_model(chat_model: ChatModel, template: str, reason: str):
    with pytest.raises(OptionError) as caught:
        replies(chat_model(template), [SYSTEM, USER])
    assert str(caught.value).startswith(
        f"tiny/gpt: must have a chat template that takes prompts, its own says: {reason}"
    )


def test_a_reply_ends_when_the_model_has_no_more_positions(chat_model: ChatModel):
    short, long = ([{"role": "user", "content": "x" * length}] for length in (10, 38))
    found = replies(chat_model(NO_SYSTEM), short, long, longest=500)
    room = POSITIONS - len("[]") - 38
    assert [(each.prompt_tokens, each.new_tokens, each.ended) for each in found] == [
        (12, room, False),
        (40, room, False),
    ]


def test_a_prompt_that_leaves_no_room_for_a_reply_is_an_error(chat_model: ChatModel):
    with pytest.raises(OptionError) as caught:
        replies(chat_model(NO_SYSTEM), [USER], [{"role": "user", "content": "x" * 46}])
    assert str(caught.value) == (
        "tiny/gpt: prompt and answer must have at most 48 symbols, the prompt alone has 48; "
        "lower request.shots or request.sentences, or take a model that reads more"
    )
    (reply,) = replies(chat_model(NO_SYSTEM), [{"role": "user", "content": "x" * 45}])
    assert reply.new_tokens == 1
