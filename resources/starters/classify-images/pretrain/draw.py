"""Draws the pictures of the starter: those that its model learned to see from, and the symbols of the task itself.

    python3 draw.py OUT_FOLDER [--pretrain COUNT]

Without --pretrain: OUT_FOLDER/{train,validation,test}/<symbol>/<number>.jpg, the eight symbols of the task.
With it: OUT_FOLDER/{train,validation}/<class>/<number>.jpg, COUNT pictures of the 26 letters and of 14 figures, none of
which is a symbol of the task. Needs Pillow, and the fonts DejaVu, Inter and JetBrains Mono for the letters. Every picture is
a function of its number, so that the folder comes out the same each time.
"""
import argparse, math, pathlib
from random import Random
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE, DRAWN = 48, 192  # pixels of a side: of the file, and while it is drawn
FONTS = [font for pattern in ("truetype/dejavu/*.ttf", "opentype/inter/Inter-*.otf", "truetype/jetbrains-mono/*.ttf")
         for font in sorted(map(str, pathlib.Path("/usr/share/fonts").glob(pattern)))]


def ring(count, radius, start=0.0, other=None):
    """Corners on a circle; with `other` every second one on another circle (stars)."""
    corners = []
    for i in range(count * (2 if other else 1)):
        r = other if other and i % 2 else radius
        angle = start + math.pi * i * (1 if other else 2) / count
        corners.append((r * math.sin(angle), -r * math.cos(angle)))
    return corners


def bar(x0, y0, x1, y1, width):
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy) or 1
    nx, ny = -dy / length * width / 2, dx / length * width / 2
    return [(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)]


def curve(function, steps=40):
    return [function(2 * math.pi * i / steps) for i in range(steps)]


def disc(x, y, r):
    return curve(lambda a: (x + r * math.cos(a), y + r * math.sin(a)))


# A figure is a list of (polygon, paint), painted in order: "ink", or "paper" for what is cut out. Coordinates: -1 to 1.
def figures(random):
    thin = random.uniform(0.18, 0.32)
    return {
        "circle": [(disc(0, 0, 0.85), "ink")],
        "ellipse": [(curve(lambda a: (0.95 * math.cos(a), 0.5 * math.sin(a))), "ink")],
        "triangle": [(ring(3, 1), "ink")],
        "square": [(ring(4, 1, math.pi / 4), "ink")],
        "pentagon": [(ring(5, 0.95), "ink")],
        "hexagon": [(ring(6, 0.95), "ink")],
        "ring": [(disc(0, 0, 0.9), "ink"), (disc(0, 0, 0.9 - thin * 1.3), "paper")],
        "frame": [(ring(4, 1.1, math.pi / 4), "ink"), (ring(4, 1.1 - thin * 1.6, math.pi / 4), "paper")],
        "plus": [(bar(0, -0.9, 0, 0.9, thin * 1.4), "ink"), (bar(-0.9, 0, 0.9, 0, thin * 1.4), "ink")],
        "bars": [(bar(-0.9, y, 0.9, y, thin), "ink") for y in (-0.6, 0, 0.6)],
        "half": [([p for p in disc(0, 0, 0.9) if p[1] >= -0.01], "ink")],
        "wedge": [([(0, 0)] + [(0.95 * math.sin(a), -0.95 * math.cos(a)) for a in [0.1 * i for i in range(47)]], "ink")],
        "dots": [(disc(x, y, 0.32), "ink") for x in (-0.5, 0.5) for y in (-0.5, 0.5)],
        "zigzag": [(bar(x, -0.5 if i % 2 else 0.5, x + 0.45, 0.5 if i % 2 else -0.5, thin), "ink")
                   for i, x in enumerate((-0.9, -0.45, 0, 0.45))],
    }


def symbols(random):
    thin = random.uniform(0.2, 0.34)
    rays = random.choice((8, 10, 12))
    return {
        "arrow": [(bar(-0.95, 0, 0.3, 0, thin * 1.2), "ink"), ([(0.15, -0.6), (1, 0), (0.15, 0.6)], "ink")],
        "check": [(bar(-0.85, 0.1, -0.25, 0.7, thin), "ink"), (bar(-0.33, 0.7, 0.9, -0.65, thin), "ink")],
        "cross": [(bar(-0.75, -0.75, 0.75, 0.75, thin), "ink"), (bar(-0.75, 0.75, 0.75, -0.75, thin), "ink")],
        "heart": [(curve(lambda a: (0.058 * 16 * math.sin(a) ** 3, -0.058 * (13 * math.cos(a) - 5 * math.cos(2 * a)
                                     - 2 * math.cos(3 * a) - math.cos(4 * a)))), "ink")],
        "house": [([(-0.95, -0.05), (0, -0.95), (0.95, -0.05)], "ink"), ([(-0.7, -0.1), (0.7, -0.1), (0.7, 0.9), (-0.7, 0.9)], "ink"),
                  ([(-0.18, 0.9), (-0.18, 0.3), (0.18, 0.3), (0.18, 0.9)], "paper")],
        "moon": [(disc(0, 0, 0.92), "ink"), (disc(0.42, -0.15, 0.78), "paper")],
        "star": [(ring(5, 1, 0, random.uniform(0.38, 0.5)), "ink")],
        "sun": [(disc(0, 0, 0.48), "ink")] + [(bar(0.62 * math.cos(a), 0.62 * math.sin(a), math.cos(a), math.sin(a), 0.14), "ink")
                                              for a in (2 * math.pi * i / rays for i in range(rays))],
    }


def colours(random):
    """Paper and ink that differ enough in brightness."""
    while True:
        pair = [tuple(random.randrange(256) for _ in range(3)) for _ in range(2)]
        bright = [0.3 * r + 0.59 * g + 0.11 * b for r, g, b in pair]
        if abs(bright[0] - bright[1]) > 70:
            return pair


def paper_of(random, colour):
    """A plain, sloping or blotched background."""
    image = Image.new("RGB", (DRAWN, DRAWN), colour)
    draw = ImageDraw.Draw(image)
    near = lambda amount: tuple(max(0, min(255, c + random.randint(-amount, amount))) for c in colour)
    kind = random.randrange(3)
    if kind == 1:
        other = near(40)
        for y in range(DRAWN):
            share = y / DRAWN
            draw.line([(0, y), (DRAWN, y)], fill=tuple(int(a + (b - a) * share) for a, b in zip(colour, other)))
    if kind == 2:
        for _ in range(14):
            x, y, r = random.uniform(0, DRAWN), random.uniform(0, DRAWN), random.uniform(8, 50)
            draw.ellipse([x - r, y - r, x + r, y + r], fill=near(28))
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(1, 6)))
    return image


def picture(random, shape):
    """`shape`: polygons with their paint, or a letter."""
    paper, ink = colours(random)
    image = paper_of(random, paper)
    scale, angle = random.uniform(0.5, 0.82) * DRAWN / 2, math.radians(random.uniform(-25, 25))
    centre = [DRAWN / 2 + random.uniform(-0.14, 0.14) * DRAWN for _ in range(2)]
    mask = Image.new("L", (DRAWN, DRAWN), 0)
    draw = ImageDraw.Draw(mask)
    if isinstance(shape, str):
        font = ImageFont.truetype(random.choice(FONTS), int(scale * 2.1))
        draw.text(centre, shape, fill=255, font=font, anchor="mm")
        mask = mask.rotate(math.degrees(angle), resample=Image.BICUBIC, center=centre)
    else:
        squeeze, lean = random.uniform(0.8, 1.2), random.uniform(-0.2, 0.2)
        wobble = random.uniform(0, 0.04)
        for corners, paint in shape:
            points = []
            for x, y in corners:
                x, y = x * squeeze + y * lean + random.gauss(0, wobble / 2), y + random.gauss(0, wobble / 2)
                points.append((centre[0] + scale * (x * math.cos(angle) - y * math.sin(angle)),
                               centre[1] + scale * (x * math.sin(angle) + y * math.cos(angle))))
            draw.polygon(points, fill=255 if paint == "ink" else 0)
    if random.random() < 0.3:  # an outline instead of a filled figure
        inner = mask.filter(ImageFilter.MinFilter(2 * random.randint(4, 7) + 1))
        mask = Image.composite(Image.new("L", mask.size, 0), mask, inner)
    image.paste(ink, mask=mask.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 2.5))))
    for _ in range(random.choice((0, 0, 1, 2))):  # something in front
        x, y, a = random.uniform(0, DRAWN), random.uniform(0, DRAWN), random.uniform(0, 2 * math.pi)
        r = random.uniform(20, 120)
        ImageDraw.Draw(image).line([x, y, x + r * math.cos(a), y + r * math.sin(a)], width=random.randint(2, 7),
                                   fill=tuple(random.randrange(256) for _ in range(3)))
    image = image.resize((SIZE, SIZE), Image.LANCZOS)
    noise = random.uniform(0, 18)
    values = bytes(max(0, min(255, int(value + random.gauss(0, noise)))) for value in image.tobytes())
    return Image.frombytes("RGB", image.size, values)


def write(folder, name, number, shape_of):
    random = Random(f"{folder.name}/{name}/{number}")
    (folder / name).mkdir(parents=True, exist_ok=True)
    picture(random, shape_of(random)).save(folder / name / f"{number:04}.jpg", quality=85)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--pretrain", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.pretrain:
        names = sorted(figures(Random(0))) + [chr(c) for c in range(ord("A"), ord("Z") + 1)]
        for number in range(arguments.pretrain):
            name = names[number % len(names)]
            part = "validation" if number // len(names) % 25 == 0 else "train"
            shape = (lambda random: name) if len(name) == 1 else (lambda random: figures(random)[name])
            write(arguments.out / part, name, number, shape)
    else:
        for part, count in (("train", 24), ("validation", 10), ("test", 40)):
            for name in sorted(symbols(Random(0))):
                for number in range(count):
                    write(arguments.out / part, name, number, lambda random: symbols(random)[name])


main()
