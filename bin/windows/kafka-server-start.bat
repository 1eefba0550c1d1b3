@echo off
rem Starts a broker: kafka-server-start.bat FILE [--override key=value]...
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node --initial-heap-size=128 --no-parallel-scavenge "%~dp0..\..\dist\broker\main.js" %*
exit /b %errorlevel%
