"""The look of Gradio's own components: quiet, with the system's fonts. The rest is in assets/style.css."""

import gradio as gr

SANS = (
    "system-ui",
    "-apple-system",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "sans-serif",
)
MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "Noto Sans Mono CJK SC", "monospace")
INK = gr.themes.Color(
    c50="#f1f6f9",
    c100="#dfeaf0",
    c200="#c0d6e2",
    c300="#94b9cc",
    c400="#5f94ae",
    c500="#3a7593",
    c600="#1f5673",
    c700="#1b4a63",
    c800="#183d52",
    c900="#163445",
    c950="#0e222e",
    name="ink",
)


def theme() -> gr.themes.Base:
    """Base theme with ink blue and stone grey; no font is loaded from anywhere."""
    return gr.themes.Base(
        primary_hue=INK, secondary_hue=INK, neutral_hue=gr.themes.colors.stone, font=SANS, font_mono=MONO
    ).set(
        body_background_fill="#faf9f6",
        body_background_fill_dark="#17191c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1f2226",
        button_primary_background_fill=INK.c600,
        button_primary_background_fill_hover=INK.c700,
        button_primary_background_fill_dark=INK.c500,
        button_primary_text_color="#ffffff",
        block_border_width="1px",
        block_radius="10px",
        input_radius="10px",
    )
