-- Metrics, with scikit-learn's numbers for the same labels.
function fails(fragment, f)
    local ok, message = pcall(f)
    assert(not ok, "no falló: se esperaba «" .. fragment .. "»")
    assert(string.find(message, fragment, 1, true), message)
end

truth, guess = {2, 0, 2, 2, 0, 1}, {0, 0, 2, 2, 0, 2}
m = metrics.confusion_matrix(truth, guess)
assert(m[1][1] == 2 and m[2][3] == 1 and m[3][1] == 1 and m[3][3] == 2 and #m == 3)
assert(m.total == 6 and m.correct == 4)
assert(m.confused[1].count == 1 and m.confused[1].truth == 1 and m.confused[1].predicted == 2)
assert(math.abs(metrics.accuracy_score(truth, guess) - 4 / 6) < 1e-12)
assert(metrics.accuracy_score(tensor(truth), tensor{0, 0, 2, 2, 0, 2, dtype = "uint8"}) == 4 / 6)

r = metrics.classification_report{truth, guess, classes = {"a", "b", "c"}}
assert(math.abs(r.a.precision - 2 / 3) < 1e-12 and r.a.recall == 1)
assert(r.b.precision == 0 and r.b.f1 == 0 and r.b.support == 1)
assert(math.abs(r.macro.recall - (1 + 0 + 2 / 3) / 3) < 1e-12)
assert(math.abs(r.weighted.f1 - (0.8 * 2 + 0 + 2 / 3 * 3) / 6) < 1e-12)
assert(math.abs(r.accuracy - 4 / 6) < 1e-12)
text = tostring(r)
assert(string.find(text, "precisión", 1, true) and string.find(text, "exhaustividad", 1, true))
assert(string.find(text, "exactitud", 1, true) and string.find(text, "soporte", 1, true))

fails("6 etiquetas e y_pred 2", function() metrics.accuracy_score(truth, {0, 1}) end)
fails("enteros desde 0", function() metrics.accuracy_score({0.5}, {1}) end)
fails("enteros desde 0", function() metrics.accuracy_score({-1}, {1}) end)
fails("un solo eje", function() metrics.accuracy_score({{0}}, {{1}}) end)
fails("2 nombres para 3 clases", function()
    metrics.confusion_matrix{truth, guess, classes = {"a", "b"}}
end)
fails("¿Querías decir «metrics.accuracy_score»?", function() return metrics.accuracy_scor end)
