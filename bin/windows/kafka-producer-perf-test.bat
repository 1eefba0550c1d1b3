@echo off
rem Measures producing.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-producer-perf-test.js" %*
exit /b %errorlevel%
