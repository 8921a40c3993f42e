-- string.find and its family are our own: what they do is what the manual says.
print(("hello world"):find("o w"))        --> 5	7
print(("hello"):find("l+"))               --> 3	4
print(("hello"):find("xyz"))              --> nil
print(("a.b"):find(".", 1, true))         --> 2	2
print(("hello"):find("", 10))             --> nil
print(("hello"):find("", 6))              --> 6	5
print(("hello"):match("(h)(.)"))          --> h	e
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) --> key	value
print(("THE (quick) fox"):find("%((%a+)%)")) --> 5	11	quick
print(("f(a(b)c)d"):match("%b()"))        --> (a(b)c)
print(("THE (quick) fox"):gsub("%f[%a]%a+", "w")) --> w (w) w	3
print(("hello"):gsub("", "-"))            --> -h-e-l-l-o-	6
print(("abc"):gsub("%w", "%0%0"))         --> aabbcc	3
print(("abc"):gsub("(a)(b)", "%2%1"))     --> bac	1
print(("$x $y"):gsub("%$(%w+)", {x = "1"})) --> 1 $y	2
print(("abc"):gsub("b", function() end))  --> abc	1
print(("aaa"):gsub("a", "b", 2))          --> bba	2
print(("hello"):match("()ll()"))          --> 3	5
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end
print()                                   --> a1;b2;
print(("x"):rep(3, ","))                  --> x,x,x

("x"):find("[a")                          --! el patrón está mal escrito

("x"):find("%")                           --! el patrón está mal escrito

("x"):gsub("x", "%9")                     --! captura

("x"):find("(")                           --! sin cerrar

("x"):gsub("x", "%z")                     --! en el texto de reemplazo

("x"):gsub("x", true)                     --! se esperaba un texto, una función o una tabla
