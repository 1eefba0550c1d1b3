@echo off
rem Prints first, last or time-stamped offsets of partitions.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-get-offsets.js" %*
exit /b %errorlevel%
