#include "forms/number_editor.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <cmath>

#include "forms/catalog_text.h"
#include "forms/field_text.h"
#include "forms/slider_stops.h"
#include "widgets/basics.h"

namespace luthier {

namespace {
constexpr double kLargestWhole = 9e15;  // what a double holds exactly, as the core's reader has it
}

NumberEditor::NumberEditor(const OptionSpec& spec, const QString& name, QWidget* parent)
    : OptionEditor(spec, parent), stops_(sliderStops(spec)) {
  setObjectName(name);
  field_ = new QLineEdit;
  introduce(field_);
  field_->installEventFilter(this);
  auto* row = makeRow(8, this);
  row->addWidget(field_);
  if (!stops_.empty()) {
    slider_ = new QSlider(Qt::Horizontal);
    slider_->setRange(0, int(stops_.size()) - 1);
    slider_->setPageStep(std::max(1, int(stops_.size()) / 6));
    introduce(slider_, ".slider", tr("slider"));
    guardWheel(slider_);
    row->addWidget(slider_, 1);
    connect(slider_, &QSlider::valueChanged, this, [this](int position) {
      field_->setText(exactNumberText(stops_[std::size_t(position)]));
      readField();
    });
  } else {
    row->addWidget(makeLabel(catalogText(spec.info.unit), TextStyle::small, "tertiary"));
    row->addStretch(1);
  }
  const auto size = [this] {
    field_->setFont(luthier::font(TextStyle::mono));
    field_->setFixedWidth(scaled(64));
  };
  size();
  connect(&theme(), &Theme::changed, this, size);
  showValue(value());
  connect(field_, &QLineEdit::textEdited, this, &NumberEditor::readField);
}

QWidget* NumberEditor::field() const { return field_; }

void NumberEditor::showValue(const Json& value) {
  if (!value.is_number()) return;
  field_->setText(exactNumberText(value.get<double>()));
  field_->setCursorPosition(0);
  placeSlider(value.get<double>());
}

void NumberEditor::placeSlider(double value) {
  if (!slider_) return;
  const auto nearest = std::min_element(stops_.begin(), stops_.end(), [value](double a, double b) {
    return std::fabs(a - value) < std::fabs(b - value);
  });
  const QSignalBlocker quiet(slider_);
  slider_->setValue(int(nearest - stops_.begin()));
}

void NumberEditor::readField() {
  const std::optional<double> number = numberFromText(field_->text());
  const bool isWhole = spec().type == "integer";
  if (!number || (isWhole && (*number != std::floor(*number) || std::fabs(*number) > kLargestWhole)))
    return refuse(isWhole ? tr("%1 is a whole number.").arg(label()) : tr("%1 is a number.").arg(label()));
  if (const QString problem = rangeProblem(spec(), *number); !problem.isEmpty()) return refuse(problem);
  placeSlider(*number);
  take(numberJson(*number));
}

void NumberEditor::step(int direction) {
  const double now = numberFromText(field_->text()).value_or(value().is_number() ? value().get<double>() : 0);
  double next = now + direction;
  if (!stops_.empty()) {
    if (direction > 0) {
      const auto above = std::upper_bound(stops_.begin(), stops_.end(), now);
      next = above == stops_.end() ? now : *above;
    } else {
      const auto from = std::lower_bound(stops_.begin(), stops_.end(), now);
      next = from == stops_.begin() ? now : *std::prev(from);
    }
  }
  field_->setText(exactNumberText(std::clamp(next, spec().info.min, spec().info.max)));
  readField();
}

bool NumberEditor::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Up || key == Qt::Key_Down) {
      step(key == Qt::Key_Up ? 1 : -1);
      return true;
    }
  }
  return OptionEditor::eventFilter(watched, event);
}

}  // namespace luthier
